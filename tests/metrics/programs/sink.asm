; sink.asm -- takes words; each ends up in user histogram 1 once in 64.
        .HISTOGRAM 1 "value"
        .ORIG x3000
        AND     R2, R2, #0
NEXT    TRAP    x31             ; RECV
        ADD     R2, R2, #1
        LD      R3, MASK
        AND     R3, R3, R2
        BRnp    NEXT
        ADD     R1, R0, #0
        AND     R0, R0, #0
        ADD     R0, R0, #1
        TRAP    x3D             ; OBSERVE
        BR      NEXT
MASK    .FILL   x3F
        .END
