; expect error 5:5-14: ADD needs three operands, 2 found
; expect hint: to change a register in place, name it twice: ADD R0, R0, #5
.ORIG x3000
    AND R0, R0, #0
    ADD R0, #5
    HALT
.END
