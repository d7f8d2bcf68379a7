; long.asm -- arithmetic on 32-bit numbers.
;
; A number is a pair of registers, the high word in the higher one: a = R1:R0,
; b = R3:R2.  Sums, differences and products wrap at 32 bits and are right for
; signed and unsigned numbers.

        .GLOBAL ADD32
        .GLOBAL SUB32
        .GLOBAL MUL32
        .GLOBAL COMPARE32
        .GLOBAL COMPARE32_U

; SUB32: difference.
;   in       R1:R0, R3:R2
;   out      R1:R0: a - b
;   changes  R0, R1
SUB32
        ST      R2, SUB_R2
        ST      R3, SUB_R3
        ST      R7, SUB_R7
        NOT     R3, R3                  ; a + (-b)
        NOT     R2, R2
        ADD     R2, R2, #1
        BRnp    SUB32_ADD
        ADD     R3, R3, #1
SUB32_ADD
        JSR     ADD32
        LD      R2, SUB_R2
        LD      R3, SUB_R3
        LD      R7, SUB_R7
        RET
SUB_R2  .BLKW 1
SUB_R3  .BLKW 1
SUB_R7  .BLKW 1

; ADD32: sum.
;   in       R1:R0, R3:R2
;   out      R1:R0: a + b
;   changes  R0, R1
ADD32
        ST      R4, ADD_R4
        ADD     R1, R1, R3
        ADD     R4, R0, R2              ; a carry: both top bits set, or one and not the sum's
        ADD     R0, R0, #0
        BRn     ADD32_TOP
        ADD     R2, R2, #0
        BRzp    ADD32_END
        BR      ADD32_SUM
ADD32_TOP
        ADD     R2, R2, #0
        BRn     ADD32_CARRY
ADD32_SUM
        ADD     R4, R4, #0
        BRn     ADD32_END
ADD32_CARRY
        ADD     R1, R1, #1
ADD32_END
        ADD     R0, R4, #0
        LD      R4, ADD_R4
        RET
ADD_R4  .BLKW 1

; MUL32: the low 32 bits of a product.
;   in       R1:R0, R3:R2
;   out      R1:R0: a * b
;   changes  R0, R1
MUL32
        ST      R2, MUL_R2
        ST      R3, MUL_R3
        ST      R4, MUL_R4
        ST      R5, MUL_R5
        ST      R7, MUL_R7
        AND     R4, R4, #0              ; product R5:R4
        AND     R5, R5, #0
        ADD     R7, R4, #15             ; 32 bits of b, highest first
        ADD     R7, R7, #15
        ADD     R7, R7, #2
MUL32_BIT
        ADD     R5, R5, R5              ; double the product
        ADD     R4, R4, #0
        BRzp    MUL32_DOUBLE
        ADD     R5, R5, #1
MUL32_DOUBLE
        ADD     R4, R4, R4
        ADD     R3, R3, #0
        BRzp    MUL32_NEXT
        ADD     R5, R5, R1              ; add a
        ADD     R4, R4, #0
        BRn     MUL32_TOP
        ADD     R4, R4, R0
        BRn     MUL32_NEXT              ; no top bit before, one now: no carry
        ADD     R0, R0, #0
        BRzp    MUL32_NEXT
        BR      MUL32_CARRY
MUL32_TOP
        ADD     R4, R4, R0
        BRzp    MUL32_CARRY
        ADD     R0, R0, #0
        BRzp    MUL32_NEXT
MUL32_CARRY
        ADD     R5, R5, #1
MUL32_NEXT
        ADD     R3, R3, R3              ; double b
        ADD     R2, R2, #0
        BRzp    MUL32_SHIFT
        ADD     R3, R3, #1
MUL32_SHIFT
        ADD     R2, R2, R2
        ADD     R7, R7, #-1
        BRp     MUL32_BIT
        ADD     R0, R4, #0
        ADD     R1, R5, #0
        LD      R2, MUL_R2
        LD      R3, MUL_R3
        LD      R4, MUL_R4
        LD      R5, MUL_R5
        LD      R7, MUL_R7
        RET
MUL_R2  .BLKW 1
MUL_R3  .BLKW 1
MUL_R4  .BLKW 1
MUL_R5  .BLKW 1
MUL_R7  .BLKW 1

; COMPARE32: compares signed numbers.
;   in       R1:R0, R3:R2
;   out      R0: -1 when a < b, 0 when a = b, 1 when a > b; CC is R0's
;   changes  R0
COMPARE32
        ST      R1, COMPARE_R1
        ADD     R1, R1, #0
        BRn     COMPARE32_NEGATIVE
        ADD     R3, R3, #0
        BRn     COMPARE_ABOVE
        BR      COMPARE_HIGH
COMPARE32_NEGATIVE
        ADD     R3, R3, #0
        BRzp    COMPARE_BELOW
        BR      COMPARE_HIGH

; COMPARE32_U: compares unsigned numbers.
;   in       R1:R0, R3:R2
;   out      R0: -1 when a < b, 0 when a = b, 1 when a > b; CC is R0's
;   changes  R0
COMPARE32_U
        ST      R1, COMPARE_R1
        ADD     R1, R1, #0
        BRn     COMPARE32_U_TOP
        ADD     R3, R3, #0
        BRn     COMPARE_BELOW
        BR      COMPARE_HIGH
COMPARE32_U_TOP
        ADD     R3, R3, #0
        BRzp    COMPARE_ABOVE
COMPARE_HIGH                            ; top bits are equal: differences have true signs
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R1, R3, R1              ; b - a
        BRn     COMPARE_ABOVE
        BRp     COMPARE_BELOW
        ADD     R0, R0, #0              ; equal high words: the low ones are unsigned
        BRn     COMPARE_LOW_TOP
        ADD     R2, R2, #0
        BRn     COMPARE_BELOW
        BR      COMPARE_LOW
COMPARE_LOW_TOP
        ADD     R2, R2, #0
        BRzp    COMPARE_ABOVE
COMPARE_LOW
        NOT     R0, R0
        ADD     R0, R0, #1
        ADD     R0, R2, R0
        BRn     COMPARE_ABOVE
        BRp     COMPARE_BELOW
        LD      R1, COMPARE_R1
        AND     R0, R0, #0
        RET
COMPARE_ABOVE
        LD      R1, COMPARE_R1
        AND     R0, R0, #0
        ADD     R0, R0, #1
        RET
COMPARE_BELOW
        LD      R1, COMPARE_R1
        AND     R0, R0, #0
        ADD     R0, R0, #-1
        RET
COMPARE_R1 .BLKW 1
        .END
