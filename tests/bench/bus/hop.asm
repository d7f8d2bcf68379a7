; hop.asm -- examples/hop.asm with more hops: what a hop costs, not the first touch of memory.
        .ORIG   x3000
        LD      R0, HOPS
PASS    TRAP    x30                     ; SEND to the next station
        TRAP    x31                     ; RECV from the one before
        ADD     R0, R0, #-1
        BRp     PASS
        HALT
HOPS    .FILL   #10000
        .END
