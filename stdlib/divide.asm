; divide.asm -- quotients and remainders.
;
; Signed division rounds towards zero and the remainder has the dividend's sign.
; Dividing by zero gives the quotient xFFFF and the dividend as the remainder.
; -32768 / -1 does not fit and wraps to -32768.

        .GLOBAL DIVIDE
        .GLOBAL DIVIDE_U
        .GLOBAL MODULO
        .GLOBAL MODULO_U

; MODULO_U: the remainder of unsigned numbers.
;   in       R0: dividend, R1: divisor
;   out      R0: R0 mod R1
;   changes  R0
MODULO_U
        ST      R1, MODULO_R1
        ST      R7, MODULO_R7
        JSR     DIVIDE_U
        BR      MODULO_END

; MODULO: the remainder of signed numbers.
;   in       R0: dividend, R1: divisor
;   out      R0: R0 mod R1, with the sign of R0
;   changes  R0
MODULO
        ST      R1, MODULO_R1
        ST      R7, MODULO_R7
        JSR     DIVIDE
MODULO_END
        ADD     R0, R1, #0
        LD      R1, MODULO_R1
        LD      R7, MODULO_R7
        RET
MODULO_R1 .BLKW 1
MODULO_R7 .BLKW 1

; DIVIDE: quotient and remainder of signed numbers.
;   in       R0: dividend, R1: divisor
;   out      R0: quotient, R1: remainder
;   changes  R0, R1
DIVIDE
        ST      R7, DIVIDE_R7
        ST      R0, DIVIDEND
        ST      R1, DIVISOR
        ADD     R1, R1, #0
        BRz     DIVIDE_UNSIGNED         ; by zero: the same words as without signs
        ADD     R0, R0, #0
        BRzp    DIVIDE_SECOND
        NOT     R0, R0
        ADD     R0, R0, #1
DIVIDE_SECOND
        ADD     R1, R1, #0
        BRzp    DIVIDE_UNSIGNED
        NOT     R1, R1
        ADD     R1, R1, #1
DIVIDE_UNSIGNED
        JSR     DIVIDE_U
        ST      R2, DIVIDE_R2
        LD      R2, DIVISOR
        BRz     DIVIDE_END
        BRn     DIVIDE_NEGATIVE
        LD      R2, DIVIDEND            ; divisor above zero: both take the dividend's sign
        BRzp    DIVIDE_END
        NOT     R0, R0
        ADD     R0, R0, #1
        BR      DIVIDE_REMAINDER
DIVIDE_NEGATIVE
        LD      R2, DIVIDEND
        BRn     DIVIDE_REMAINDER        ; both below zero
        NOT     R0, R0
        ADD     R0, R0, #1
        BR      DIVIDE_END
DIVIDE_REMAINDER
        NOT     R1, R1
        ADD     R1, R1, #1
DIVIDE_END
        LD      R2, DIVIDE_R2
        LD      R7, DIVIDE_R7
        RET
DIVIDEND  .BLKW 1
DIVISOR   .BLKW 1
DIVIDE_R2 .BLKW 1
DIVIDE_R7 .BLKW 1

; DIVIDE_U: quotient and remainder of unsigned numbers.
;   in       R0: dividend, R1: divisor
;   out      R0: quotient, R1: remainder
;   changes  R0, R1
DIVIDE_U
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        AND     R2, R2, #0              ; remainder so far
        NOT     R3, R1
        ADD     R3, R3, #1              ; -divisor
        ADD     R4, R2, #8
        ADD     R4, R4, #8              ; bits
DIVIDE_U_BIT
        ADD     R5, R2, #0              ; its top bit is the 17th of the doubled remainder
        ADD     R2, R2, R2
        ADD     R0, R0, #0
        BRzp    DIVIDE_U_DOUBLE
        ADD     R2, R2, #1
DIVIDE_U_DOUBLE
        ADD     R0, R0, R0
        ADD     R5, R5, #0
        BRn     DIVIDE_U_TAKE           ; 17 bits hold more than any divisor
        ADD     R1, R1, #0
        BRn     DIVIDE_U_HIGH
        ADD     R2, R2, #0
        BRn     DIVIDE_U_TAKE
        BR      DIVIDE_U_COMPARE
DIVIDE_U_HIGH
        ADD     R2, R2, #0
        BRzp    DIVIDE_U_NEXT
DIVIDE_U_COMPARE
        ADD     R5, R2, R3              ; both top bits are equal: the difference has a true sign
        BRn     DIVIDE_U_NEXT
DIVIDE_U_TAKE
        ADD     R2, R2, R3
        ADD     R0, R0, #1
DIVIDE_U_NEXT
        ADD     R4, R4, #-1
        BRp     DIVIDE_U_BIT
        ADD     R1, R2, #0
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        RET
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1
        .END
