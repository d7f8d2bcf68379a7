; multiply.asm -- products of two words.

        .GLOBAL MULTIPLY
        .GLOBAL MULTIPLY_U32
        .GLOBAL MULTIPLY_S32

; MULTIPLY: the low 16 bits of a product; right for signed and unsigned numbers.
;   in       R0, R1: the factors
;   out      R0: R0 * R1
;   changes  R0
MULTIPLY
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        AND     R3, R3, #0              ; the product
        ADD     R2, R3, #1              ; a mask that walks up R1
MULTIPLY_BIT
        AND     R4, R1, R2
        BRz     MULTIPLY_NEXT
        ADD     R3, R3, R0
MULTIPLY_NEXT
        ADD     R0, R0, R0
        BRz     MULTIPLY_END            ; nothing is left to add
        ADD     R2, R2, R2
        BRnp    MULTIPLY_BIT
MULTIPLY_END
        ADD     R0, R3, #0
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        RET

; MULTIPLY_S32: the whole product of two signed numbers.
;   in       R0, R1: the factors
;   out      R1: its high word, R0: its low word
;   changes  R0, R1
;
; As unsigned numbers the factors are too large by 65,536 where they are negative;
; what that adds to the high word is taken away again.
MULTIPLY_S32
        ST      R7, SAVE_R7
        ST      R0, FACTOR_A
        ST      R1, FACTOR_B
        JSR     MULTIPLY_U32
        ST      R2, SAVE_R2
        LD      R2, FACTOR_A
        BRzp    MULTIPLY_S32_B
        LD      R2, FACTOR_B
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R1, R1, R2
MULTIPLY_S32_B
        LD      R2, FACTOR_B
        BRzp    MULTIPLY_S32_END
        LD      R2, FACTOR_A
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R1, R1, R2
MULTIPLY_S32_END
        LD      R2, SAVE_R2
        LD      R7, SAVE_R7
        RET
FACTOR_A .BLKW 1
FACTOR_B .BLKW 1

; MULTIPLY_U32: the whole product of two unsigned numbers.
;   in       R0, R1: the factors
;   out      R1: its high word, R0: its low word
;   changes  R0, R1
MULTIPLY_U32
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        AND     R2, R2, #0              ; low word
        AND     R3, R3, #0              ; high word
        ADD     R4, R2, #8
        ADD     R4, R4, #8              ; bits of R1, highest first
MULTIPLY_U32_BIT
        ADD     R3, R3, R3              ; double R3:R2
        ADD     R2, R2, #0
        BRzp    MULTIPLY_U32_DOUBLE
        ADD     R3, R3, #1
MULTIPLY_U32_DOUBLE
        ADD     R2, R2, R2
        ADD     R1, R1, #0
        BRzp    MULTIPLY_U32_NEXT
        ADD     R5, R2, #0
        ADD     R2, R2, R0              ; add R0; a carry leaves the sum's top bit clear
        ADD     R5, R5, #0              ; with either top bit set, or both set
        BRn     MULTIPLY_U32_TOP
        ADD     R0, R0, #0
        BRzp    MULTIPLY_U32_NEXT
        BR      MULTIPLY_U32_SUM
MULTIPLY_U32_TOP
        ADD     R0, R0, #0
        BRn     MULTIPLY_U32_CARRY
MULTIPLY_U32_SUM
        ADD     R2, R2, #0
        BRn     MULTIPLY_U32_NEXT
MULTIPLY_U32_CARRY
        ADD     R3, R3, #1
MULTIPLY_U32_NEXT
        ADD     R1, R1, R1
        ADD     R4, R4, #-1
        BRp     MULTIPLY_U32_BIT
        ADD     R0, R2, #0
        ADD     R1, R3, #0
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        RET
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1
SAVE_R7 .BLKW 1
        .END
