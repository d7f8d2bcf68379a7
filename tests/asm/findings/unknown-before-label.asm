; expect error 4:5-7: there is no instruction JRS
; expect hint: did you mean JSR? (JSR off11)
.ORIG x3000
    JRS SUB
    HALT
SUB RET
.END
