; expect error 6:13-14: ADD wants a register here, not the label R8
; expect hint: the registers are R0 to R7
; expect error 7:13-17: NOT wants a register here, not the label LABEL
; expect hint: NOT dr, sr1
.ORIG x3000
    ADD R0, R8, R9
    NOT R1, LABEL
    HALT
LABEL .FILL 0
.END
