; long_text.asm -- 32-bit numbers as text.
;
; A number is a pair of registers, the high word in the higher one: R1:R0.

        .GLOBAL LONG_TO_DECIMAL
        .GLOBAL LONG_PRINT
        .EXTERNAL COMPARE32_U
        .EXTERNAL SUB32

; LONG_TO_DECIMAL: writes an unsigned number, one character a word, x0000 behind.
;   in       R1:R0: the number, R2: room for 11 words
;   out      R0: characters written, without the x0000
;   changes  R0
LONG_TO_DECIMAL
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        ST      R7, SAVE_R7
        ST      R0, LOW
        ADD     R5, R2, #0              ; where the next digit goes
        LEA     R4, POWERS
NEXT_POWER
        LDR     R2, R4, #0
        BRz     LAST_DIGIT
        LDR     R3, R4, #1
        ADD     R4, R4, #2
        LD      R0, ZERO
        ST      R0, DIGIT
TAKE
        LD      R0, LOW
        JSR     COMPARE32_U
        BRn     PUT_DIGIT
        LD      R0, LOW
        JSR     SUB32
        ST      R0, LOW
        LD      R0, DIGIT
        ADD     R0, R0, #1
        ST      R0, DIGIT
        BR      TAKE
PUT_DIGIT
        LD      R0, DIGIT
        LD      R2, MINUS_ZERO
        ADD     R2, R0, R2
        BRnp    PUT
        LD      R2, SAVE_R2             ; a zero: only behind another digit
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R2, R2, R5
        BRz     NEXT_POWER
PUT
        STR     R0, R5, #0
        ADD     R5, R5, #1
        BR      NEXT_POWER
LAST_DIGIT
        LD      R0, LOW
        LD      R2, ZERO
        ADD     R0, R0, R2
        STR     R0, R5, #0
        AND     R0, R0, #0
        STR     R0, R5, #1
        LD      R2, SAVE_R2
        NOT     R0, R2                  ; R5 + 1 - start
        ADD     R0, R0, #2
        ADD     R0, R0, R5
        LD      R1, SAVE_R1
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        LD      R7, SAVE_R7
        RET

; LONG_PRINT: prints an unsigned number.
;   in       R1:R0
;   changes  nothing
LONG_PRINT
        ST      R0, PRINT_R0
        ST      R2, PRINT_R2
        ST      R7, PRINT_R7
        LEA     R2, TEXT
        JSR     LONG_TO_DECIMAL
        LEA     R0, TEXT
        PUTS
        LD      R0, PRINT_R0
        LD      R2, PRINT_R2
        LD      R7, PRINT_R7
        RET

POWERS  .FILL   xCA00                   ; 1,000,000,000
        .FILL   x3B9A
        .FILL   xE100
        .FILL   x05F5
        .FILL   x9680
        .FILL   x0098
        .FILL   x4240
        .FILL   x000F
        .FILL   x86A0
        .FILL   x0001
        .FILL   #10000
        .FILL   #0
        .FILL   #1000
        .FILL   #0
        .FILL   #100
        .FILL   #0
        .FILL   #10
        .FILL   #0
        .FILL   #0
ZERO    .FILL   x30
MINUS_ZERO .FILL x-30
LOW     .BLKW   1
DIGIT   .BLKW   1
SAVE_R1 .BLKW   1
SAVE_R2 .BLKW   1
SAVE_R3 .BLKW   1
SAVE_R4 .BLKW   1
SAVE_R5 .BLKW   1
SAVE_R7 .BLKW   1
PRINT_R0 .BLKW  1
PRINT_R2 .BLKW  1
PRINT_R7 .BLKW  1
TEXT    .BLKW   11
        .END
