; send.asm -- sends 1, 2, 3 ... xFFFF, 0, ROUNDS times; recv.asm takes them.
        .ORIG   x3000
        LD      R3, ROUNDS
        AND     R0, R0, #0
NEXT    ADD     R0, R0, #1
        TRAP    x30                     ; SEND leaves CC alone
        BRnp    NEXT
        ADD     R3, R3, #-1
        BRp     NEXT
        HALT
ROUNDS  .FILL   #200
        .END
