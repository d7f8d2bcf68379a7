; The second machine of fuzz_checkpoint.c: takes words, observes them, says something now and then.
        .ORIG x3000
NEXT    TRAP    x31                     ; RECV
        ADD     R1, R0, #0
        AND     R0, R0, #0
        TRAP    x3D                     ; OBSERVE
        ADD     R2, R2, #1
        AND     R3, R2, #7
        BRnp    NEXT
        LEA     R0, TEXT
        PUTS
        BR      NEXT
TEXT    .STRINGZ "eight\n"
        .END
