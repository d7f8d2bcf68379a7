; Sends BLOCKS x 1000 blocks of 1,000 words, each block one service call.
        .ORIG x3000
        LD   R2, BLOCKS
OUTER   LD   R3, THOUS
LOOP    LD   R0, DATA
        LD   R1, THOUS
        TRAP x36
        ADD  R3, R3, #-1
        BRp  LOOP
        ADD  R2, R2, #-1
        BRp  OUTER
        HALT
BLOCKS  .FILL 10
THOUS   .FILL 1000
DATA    .FILL x4000
        .END
