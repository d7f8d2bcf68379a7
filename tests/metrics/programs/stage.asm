; stage.asm -- adds one to every word and passes it on.
        .ORIG x3000
NEXT    TRAP    x31             ; RECV
        ADD     R0, R0, #1
        TRAP    x30             ; SEND
        BR      NEXT
        .END
