; Takes words a thousand at a time until there are no more.
        .ORIG x3000
LOOP    LD   R0, DATA
        LD   R1, MOST
        TRAP x37
        ADD  R1, R1, #0
        BRnp LOOP
        HALT
MOST    .FILL 1000
DATA    .FILL x4000
        .END
