; expect error 4:5-7: there is no instruction SUB
; expect hint: there is no subtraction: complement the second operand, add 1 to it, then add
.ORIG x3000
    SUB R0, R0, R1
    HALT
.END
