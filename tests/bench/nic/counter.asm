; counter.asm -- counts frames: the least a program can do with them.
        .ORIG   x3000
        LD      R0, FRAME
        LD      R5, ROOM
        AND     R2, R2, #0              ; frames, R3:R2
        AND     R3, R3, #0
NEXT
        ADD     R1, R5, #0
        TRAP    x38                     ; NICRX
        ADD     R1, R1, #0
        BRz     DONE
        ADD     R2, R2, #1
        BRnp    NEXT
        ADD     R3, R3, #1
        BR      NEXT
DONE
        HALT
FRAME   .FILL   x8000
ROOM    .FILL   #30
        .END
