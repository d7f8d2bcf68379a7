; expect error 6:17-21: a label cannot stand here: LDR takes a number in place of off6
; expect hint: LDR dr, baser, off6
; expect error 7:10-14: a label cannot stand here: TRAP takes a number in place of vect8
; expect hint: TRAP vect8
.ORIG x3000
    LDR R0, R1, LABEL
    TRAP LABEL
    HALT
LABEL .FILL 0
.END
