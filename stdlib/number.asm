; number.asm -- numbers as text, and text as numbers.
;
; Text is one character a word, ended by a word x0000.

        .GLOBAL NUMBER_TO_DECIMAL
        .GLOBAL NUMBER_TO_DECIMAL_U
        .GLOBAL NUMBER_TO_HEX
        .GLOBAL NUMBER_FROM_DECIMAL
        .GLOBAL NUMBER_FROM_HEX

; NUMBER_TO_DECIMAL: writes a signed number.
;   in       R0: the number, R1: room for 7 words
;   out      R0: characters written, without the x0000
;   changes  R0
NUMBER_TO_DECIMAL
        ST      R1, DECIMAL_R1
        ADD     R0, R0, #0
        BRzp    DECIMAL_START
        NOT     R0, R0
        ADD     R0, R0, #1              ; -32768 becomes 32768, which is right unsigned
        ST      R2, DECIMAL_R2
        LD      R2, MINUS
        STR     R2, R1, #0
        LD      R2, DECIMAL_R2
        ADD     R1, R1, #1
        BR      DECIMAL_START

; NUMBER_TO_DECIMAL_U: writes an unsigned number.
;   in       R0: the number, R1: room for 6 words
;   out      R0: characters written, without the x0000
;   changes  R0
NUMBER_TO_DECIMAL_U
        ST      R1, DECIMAL_R1
DECIMAL_START
        ST      R2, DECIMAL_R2
        ST      R3, DECIMAL_R3
        ST      R4, DECIMAL_R4
        ST      R5, DECIMAL_R5
        AND     R5, R5, #0              ; becomes 1 with the first digit that is not 0
        LEA     R4, POWERS
DECIMAL_POWER
        LDR     R3, R4, #0              ; -10000, -1000, -100, -10
        BRz     DECIMAL_LAST
        LD      R2, ZERO
DECIMAL_TAKE
        ADD     R0, R0, #0
        BRn     DECIMAL_MORE            ; 32768 and above: larger than any power
        ADD     R0, R0, R3
        BRn     DECIMAL_BACK
        ADD     R2, R2, #1
        ADD     R5, R5, #1
        BR      DECIMAL_TAKE
DECIMAL_MORE
        ADD     R0, R0, R3
        ADD     R2, R2, #1
        ADD     R5, R5, #1
        BR      DECIMAL_TAKE
DECIMAL_BACK
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R0, R0, R3
        ADD     R5, R5, #0
        BRz     DECIMAL_NEXT            ; a leading zero
        STR     R2, R1, #0
        ADD     R1, R1, #1
DECIMAL_NEXT
        ADD     R4, R4, #1
        BR      DECIMAL_POWER
DECIMAL_LAST
        LD      R2, ZERO
        ADD     R2, R2, R0
        STR     R2, R1, #0
        AND     R2, R2, #0
        STR     R2, R1, #1
        LD      R2, DECIMAL_R1
        NOT     R0, R2                  ; R1 + 1 - start
        ADD     R0, R0, #2
        ADD     R0, R0, R1
        LD      R1, DECIMAL_R1
        LD      R2, DECIMAL_R2
        LD      R3, DECIMAL_R3
        LD      R4, DECIMAL_R4
        LD      R5, DECIMAL_R5
        RET
POWERS  .FILL #-10000
        .FILL #-1000
        .FILL #-100
        .FILL #-10
        .FILL #0
MINUS   .FILL x2D
ZERO    .FILL x30
DECIMAL_R1 .BLKW 1
DECIMAL_R2 .BLKW 1
DECIMAL_R3 .BLKW 1
DECIMAL_R4 .BLKW 1
DECIMAL_R5 .BLKW 1

; NUMBER_TO_HEX: writes a word as four hexadecimal digits, A to F in capitals.
;   in       R0: the number, R1: room for 5 words
;   out      R0: 4, the characters written
;   changes  R0
NUMBER_TO_HEX
        ST      R1, HEX_R1
        ST      R2, HEX_R2
        ST      R3, HEX_R3
        ST      R4, HEX_R4
        AND     R2, R2, #0
        ADD     R2, R2, #4              ; digits
TO_HEX_DIGIT
        AND     R3, R3, #0              ; the digit
        ADD     R4, R3, #4              ; bits
TO_HEX_BIT
        ADD     R3, R3, R3
        ADD     R0, R0, #0
        BRzp    TO_HEX_ZERO
        ADD     R3, R3, #1
TO_HEX_ZERO
        ADD     R0, R0, R0
        ADD     R4, R4, #-1
        BRp     TO_HEX_BIT
        ADD     R4, R3, #-10
        BRn     TO_HEX_SHOW
        ADD     R3, R3, #7              ; 'A' - '0' - 10
TO_HEX_SHOW
        LD      R4, HEX_ZERO
        ADD     R3, R3, R4
        STR     R3, R1, #0
        ADD     R1, R1, #1
        ADD     R2, R2, #-1
        BRp     TO_HEX_DIGIT
        STR     R2, R1, #0
        ADD     R0, R2, #4
        LD      R1, HEX_R1
        LD      R2, HEX_R2
        LD      R3, HEX_R3
        LD      R4, HEX_R4
        RET

; NUMBER_FROM_HEX: reads hexadecimal digits of either case; an x may stand before.
; More than four digits keep the last four.
;   in       R0: text
;   out      R0: the number, R1: address of the first character that is no digit;
;            R1 is the text's own address when there is no digit
;   changes  R0, R1
NUMBER_FROM_HEX
        ST      R2, HEX_R2
        ST      R3, HEX_R3
        ST      R4, HEX_R4
        ST      R0, HEX_R1              ; where the text begins
        ADD     R1, R0, #0
        AND     R0, R0, #0              ; the number
        LDR     R2, R1, #0
        LD      R3, CAPITAL             ; x and X differ by bit 5 alone
        AND     R2, R2, R3
        LD      R3, LETTER_X
        ADD     R2, R2, R3
        BRnp    FROM_HEX_FIRST
        ADD     R1, R1, #1
FROM_HEX_FIRST
        ADD     R4, R1, #0              ; where digits begin
FROM_HEX_DIGIT
        LDR     R2, R1, #0
        LD      R3, MINUS_ZERO
        ADD     R2, R2, R3
        BRn     FROM_HEX_END            ; below '0'
        ADD     R3, R2, #-10
        BRn     FROM_HEX_ADD
        LDR     R2, R1, #0
        LD      R3, CAPITAL
        AND     R2, R2, R3
        LD      R3, MINUS_A
        ADD     R2, R2, R3
        BRn     FROM_HEX_END
        ADD     R3, R2, #-6
        BRzp    FROM_HEX_END
        ADD     R2, R2, #10
FROM_HEX_ADD
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R2
        ADD     R1, R1, #1
        BR      FROM_HEX_DIGIT
FROM_HEX_END
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R4, R4, R1
        BRnp    FROM_HEX_SOME
        LD      R1, HEX_R1
FROM_HEX_SOME
        LD      R2, HEX_R2
        LD      R3, HEX_R3
        LD      R4, HEX_R4
        RET
HEX_ZERO   .FILL x30
MINUS_ZERO .FILL x-30
MINUS_A    .FILL x-41
LETTER_X   .FILL x-58
CAPITAL    .FILL xFFDF
HEX_R1  .BLKW 1
HEX_R2  .BLKW 1
HEX_R3  .BLKW 1
HEX_R4  .BLKW 1

; NUMBER_FROM_DECIMAL: reads decimal digits; a sign may stand before.  Numbers that
; need more than 16 bits wrap.
;   in       R0: text
;   out      R0: the number, R1: address of the first character that is no digit;
;            R1 is the text's own address when there is no digit
;   changes  R0, R1
NUMBER_FROM_DECIMAL
        ST      R2, FROM_R2
        ST      R3, FROM_R3
        ST      R4, FROM_R4
        ST      R0, FROM_START
        ADD     R1, R0, #0
        AND     R0, R0, #0              ; the number
        LDR     R2, R1, #0
        ST      R2, FROM_SIGN
        LD      R3, MINUS_PLUS
        ADD     R2, R2, R3
        BRz     FROM_DECIMAL_SIGN
        ADD     R2, R2, #-2             ; '-' is '+' + 2
        BRnp    FROM_DECIMAL_FIRST
FROM_DECIMAL_SIGN
        ADD     R1, R1, #1
FROM_DECIMAL_FIRST
        ADD     R4, R1, #0              ; where digits begin
FROM_DECIMAL_DIGIT
        LDR     R2, R1, #0
        LD      R3, NUMBER_ZERO
        ADD     R2, R2, R3
        BRn     FROM_DECIMAL_END
        ADD     R3, R2, #-10
        BRzp    FROM_DECIMAL_END
        ADD     R3, R0, R0              ; times 10
        ADD     R0, R3, R3
        ADD     R0, R0, R0
        ADD     R0, R0, R3
        ADD     R0, R0, R2
        ADD     R1, R1, #1
        BR      FROM_DECIMAL_DIGIT
FROM_DECIMAL_END
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R4, R4, R1
        BRnp    FROM_DECIMAL_SOME
        LD      R1, FROM_START
FROM_DECIMAL_SOME
        LD      R2, FROM_SIGN
        LD      R3, MINUS_PLUS
        ADD     R2, R2, R3
        ADD     R2, R2, #-2
        BRnp    FROM_DECIMAL_DONE
        NOT     R0, R0
        ADD     R0, R0, #1
FROM_DECIMAL_DONE
        LD      R2, FROM_R2
        LD      R3, FROM_R3
        LD      R4, FROM_R4
        RET
MINUS_PLUS  .FILL x-2B
NUMBER_ZERO .FILL x-30
FROM_START .BLKW 1
FROM_SIGN  .BLKW 1
FROM_R2 .BLKW 1
FROM_R3 .BLKW 1
FROM_R4 .BLKW 1
        .END
