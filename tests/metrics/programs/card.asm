; card.asm -- takes frames and passes on the first word of each.
        .ORIG x3000
NEXT    LD      R0, FRAME
        LD      R1, ROOM
        TRAP    x38             ; NICRX
        ADD     R1, R1, #0
        BRz     DONE            ; the feed has ended
        LDI     R0, FRAME
        TRAP    x30             ; SEND
        BR      NEXT
DONE    TRAP    x25             ; HALT
FRAME   .FILL   x4000
ROOM    .FILL   #1024
        .END
