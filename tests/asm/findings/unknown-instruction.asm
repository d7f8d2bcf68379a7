; expect error 10:5-8: there is no instruction ADDD
; expect hint: did you mean ADD? (ADD dr, sr1, sr2 or ADD dr, sr1, imm5)
; expect error 11:5-7: there is no instruction MOV
; expect hint: to copy a register, add #0 to it and name the other as the destination
; expect error 12:6-8: there is no instruction SUB
; expect hint: there is no subtraction: complement the second operand, add 1 to it, then add
; expect error 13:5-8: there is no instruction LOAD
; expect hint: did you mean LD? (LD dr, off9)
.ORIG x3000
    ADDD R0, R0, #1
    MOV R0, R1
LOOP SUB R0, R0, R1
    LOAD R0, X
    HALT
X .FILL 0
.END
