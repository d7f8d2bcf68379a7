; trades.asm -- third stage of a matching pipeline: counts trades and keeps the
; lowest and the highest price.
        .ORIG x3000
        LD      R3, HIGH                ; lowest so far
        AND     R2, R2, #0              ; trades
        AND     R5, R5, #0              ; highest so far
NEXT    TRAP    x31                     ; RECV: a price
        BRn     END
        ADD     R2, R2, #1
        NOT     R1, R0
        ADD     R1, R1, #1
        ADD     R4, R3, R1
        BRnz    NOT_LOWER
        ADD     R3, R0, #0
NOT_LOWER
        ADD     R4, R5, R1
        BRzp    NEXT
        ADD     R5, R0, #0
        BR      NEXT
END     ADD     R1, R2, #0
        JSR     DECIMAL
        LEA     R0, TRADES
        PUTS
        ADD     R1, R3, #0
        JSR     DECIMAL
        LEA     R0, TO
        PUTS
        ADD     R1, R5, #0
        JSR     DECIMAL
        LD      R0, NEWLINE
        OUT
        HALT

; Writes R1 (0 to 32767) in decimal, without leading zeros.  Changes R0, R1, R2, R4, R6.
DECIMAL ST      R7, BACK
        LEA     R6, POWERS
        AND     R2, R2, #0              ; digits written
DIGIT   LDR     R4, R6, #0
        LD      R0, ZERO
        NOT     R4, R4
        ADD     R4, R4, #1
COUNT   ADD     R1, R1, R4
        BRn     WRITE
        ADD     R0, R0, #1
        BR      COUNT
WRITE   NOT     R4, R4                  ; one too many was taken away
        ADD     R4, R4, #1
        ADD     R1, R1, R4
        LD      R4, MINUS_ZERO
        ADD     R4, R4, R0
        ADD     R2, R2, R4
        BRz     SKIP
        OUT
SKIP    ADD     R6, R6, #1
        LDR     R4, R6, #0
        BRp     DIGIT
        LD      R0, ZERO
        ADD     R0, R0, R1
        OUT
        LD      R7, BACK
        RET
BACK    .BLKW 1
POWERS  .FILL 10000
        .FILL 1000
        .FILL 100
        .FILL 10
        .FILL 0
ZERO    .FILL x0030
MINUS_ZERO .FILL x-30
HIGH    .FILL 99
NEWLINE .FILL x000A
TRADES  .STRINGZ " trades, at prices from "
TO      .STRINGZ " to "
        .END
