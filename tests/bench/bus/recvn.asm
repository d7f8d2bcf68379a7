; recvn.asm -- takes what sendn.asm sends: every block is whole and in order, and the
; last one is looked at word by word.
        .ORIG   x3000
        LEA     R4, BLOCK
        LEA     R5, MIDDLE
        LD      R3, ROUNDS
        AND     R2, R2, #0
NEXT    ADD     R0, R4, #0
        LD      R1, SIZE
        TRAP    x37                     ; RECVN
        LD      R0, SIZE_M
        ADD     R1, R1, R0
        BRnp    WRONG
        ADD     R2, R2, #-1             ; minus the number that is due
        LDR     R1, R4, #0
        ADD     R1, R1, R2
        BRnp    WRONG
        LDR     R1, R5, #31
        ADD     R1, R1, R2
        BRnp    WRONG
        ADD     R2, R2, #0
        BRnp    NEXT
        ADD     R3, R3, #-1
        BRp     NEXT
        LD      R3, BETWEEN
LOOK    ADD     R0, R4, R3
        LDR     R1, R0, #0
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R1, R1, R3
        BRnp    WRONG
        ADD     R3, R3, #-1
        BRp     LOOK
        LEA     R0, YES
        PUTS
        HALT
WRONG   LEA     R0, NO
        PUTS
        HALT
ROUNDS  .FILL   #40
SIZE    .FILL   #64
SIZE_M  .FILL   #-64
BETWEEN .FILL   #62
BLOCK   .BLKW   32
MIDDLE  .BLKW   32
YES     .STRINGZ "right\n"
NO      .STRINGZ "wrong\n"
        .END
