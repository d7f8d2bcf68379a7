; sendn.asm -- ROUNDS times x10000 blocks of 64 words: the block's number first and
; last, and 1 to 62 between them; recvn.asm takes them.
        .ORIG   x3000
        LEA     R4, BLOCK
        LD      R3, BETWEEN
FILL    ADD     R0, R4, R3
        STR     R3, R0, #0
        ADD     R3, R3, #-1
        BRp     FILL
        LEA     R5, MIDDLE
        LD      R3, ROUNDS
        LD      R6, SIZE
        AND     R2, R2, #0
NEXT    ADD     R2, R2, #1
        STR     R2, R4, #0
        STR     R2, R5, #31
        ADD     R0, R4, #0
        ADD     R1, R6, #0
        TRAP    x36                     ; SENDN
        ADD     R2, R2, #0
        BRnp    NEXT
        ADD     R3, R3, #-1
        BRp     NEXT
        HALT
ROUNDS  .FILL   #40
SIZE    .FILL   #64
BETWEEN .FILL   #62
BLOCK   .BLKW   32
MIDDLE  .BLKW   32
        .END
