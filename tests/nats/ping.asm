; Sends a word and waits for the answer, N x 1000 times.
        .ORIG x3000
        LD   R2, N
OUTER   LD   R3, THOUS
LOOP    TRAP x30
        TRAP x31
        ADD  R3, R3, #-1
        BRp  LOOP
        ADD  R2, R2, #-1
        BRp  OUTER
        HALT
N       .FILL 5
THOUS   .FILL 1000
        .END
