; expect error 6:17-19: 32 does not fit in 6 bits (-32 to 31)
; expect hint: add the distance to the register first, then use a small offset
; expect error 7:17-20: -33 does not fit in 6 bits (-32 to 31)
; expect hint: add the distance to the register first, then use a small offset
.ORIG x3000
    LDR R0, R1, #32
    STR R0, R1, #-33
    HALT
.END
