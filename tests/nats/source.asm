; Sends BLOCKS blocks of 10,000 words that depend on all before them, one at a time.
        .ORIG x3000
        LD   R2, BLOCKS
        AND  R0, R0, #0
OUTER   LD   R3, TENK
INNER   ADD  R1, R0, R0         ; x = 5x + 13
        ADD  R1, R1, R1
        ADD  R0, R0, R1
        ADD  R0, R0, #13
        TRAP x30
        ADD  R3, R3, #-1
        BRp  INNER
        ADD  R2, R2, #-1
        BRp  OUTER
        HALT
BLOCKS  .FILL 10
TENK    .FILL 10000
        .END
