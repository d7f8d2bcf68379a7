; expect warning ret-in-main 5:5-7: the main program returns, but nobody called it
; expect hint: end the program with a HALT
.ORIG x3000
    AND R0, R0, #0
    RET
.END
