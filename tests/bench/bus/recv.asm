; recv.asm -- takes what send.asm sends and looks at every word.
        .ORIG   x3000
        LD      R3, ROUNDS
        AND     R1, R1, #0
NEXT    TRAP    x31                     ; RECV
        ADD     R1, R1, #-1             ; minus the word that is due
        ADD     R2, R0, R1
        BRnp    WRONG
        ADD     R1, R1, #0
        BRnp    NEXT
        ADD     R3, R3, #-1
        BRp     NEXT
        LEA     R0, YES
        PUTS
        HALT
WRONG   LEA     R0, NO
        PUTS
        HALT
ROUNDS  .FILL   #200
YES     .STRINGZ "right\n"
NO      .STRINGZ "wrong\n"
        .END
