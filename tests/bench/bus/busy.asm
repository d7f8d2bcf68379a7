; busy.asm -- works and waits for nobody.
        .ORIG   x3000
NEXT    ADD     R0, R0, #1
        ADD     R1, R1, R0
        BR      NEXT
        .END
