; expect error 10:13-14: ADD wants a register here, not the number #1
; expect hint: ADD dr, sr1, sr2 or ADD dr, sr1, imm5
; expect error 11:8-12: LD wants a register here, not the label LABEL
; expect hint: LD dr, off9
; expect error 12:17-21: a label cannot stand here: ADD takes a number in place of imm5
; expect hint: ADD dr, sr1, imm5
; expect error 13:13-14: LDR wants a register here, not the number #1
; expect hint: LDR dr, baser, off6
.ORIG x3000
    ADD R0, #1, R2
    LD LABEL, R0
    ADD R0, R0, LABEL
    LDR R0, #1, R2
    HALT
LABEL .FILL 0
.END
