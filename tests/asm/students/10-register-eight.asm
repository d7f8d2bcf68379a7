; expect error 4:9-10: AND wants a register here, not the label R8
; expect hint: the registers are R0 to R7
.ORIG x3000
    AND R8, R8, #0
    HALT
.END
