; Sends BLOCKS x 10,000 records of three words: the number of the record, a key from 0 to 15, a value.
        .ORIG x3000
        LD   R2, BLOCKS
        AND  R0, R0, #0
        AND  R4, R4, #0
OUTER   LD   R3, TENK
INNER   ADD  R1, R0, R0         ; x = 5x + 13
        ADD  R1, R1, R1
        ADD  R0, R0, R1
        ADD  R5, R0, #13
        ADD  R0, R4, #0
        TRAP x30
        AND  R0, R5, #15
        TRAP x30
        ADD  R0, R5, #0
        TRAP x30
        ADD  R4, R4, #1
        ADD  R3, R3, #-1
        BRp  INNER
        ADD  R2, R2, #-1
        BRp  OUTER
        HALT
BLOCKS  .FILL 1
TENK    .FILL 10000
        .END
