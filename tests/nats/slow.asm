; Sends 2,000 words, about a million instructions apart.
        .ORIG x3000
        LD   R2, COUNT
LOOP    LD   R3, WORK
AGAIN   LD   R4, WORK
INNER   ADD  R4, R4, #-1
        BRp  INNER
        ADD  R3, R3, #-1
        BRp  AGAIN
        ADD  R0, R2, #0
        TRAP x30
        ADD  R2, R2, #-1
        BRp  LOOP
        HALT
COUNT   .FILL 2000
WORK    .FILL 700
        .END
