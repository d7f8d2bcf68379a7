; expect error 18:5-14: ADD needs three operands, 2 found
; expect hint: to change a register in place, name it twice: ADD R0, R0, #1
; expect error 19:5-10: NOT needs two operands, 1 found
; expect hint: NOT dr, sr1
; expect error 20:5-14: LDR needs three operands, 2 found
; expect hint: LDR dr, baser, off6
; expect error 21:9-10: RET takes no operand, 1 found
; expect hint: RET
; expect error 22:5-6: BR needs one operand, none found
; expect hint: BR off9
; expect error 23:10-11: HALT takes no operand, 1 found
; expect hint: HALT
; expect error 24:21-22: ADD takes three operands, 4 found
; expect hint: ADD dr, sr1, sr2 or ADD dr, sr1, imm5
; expect error 25:5-8: TRAP needs one operand, none found
; expect hint: TRAP vect8
.ORIG x3000
    ADD R0, #1
    NOT R0
    LDR R0, R1
    RET R7
    BR
    HALT #1
    ADD R0, R0, R0, R0
    TRAP
.END
