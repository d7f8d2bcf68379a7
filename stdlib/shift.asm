; shift.asm -- shifts and rotates of a word.
;
; The count in R1 is unsigned: from 16 on nothing is left of the word (or only its
; sign, for SHIFT_RIGHT_S); rotates take it modulo 16.

        .GLOBAL SHIFT_LEFT
        .GLOBAL SHIFT_RIGHT
        .GLOBAL SHIFT_RIGHT_S
        .GLOBAL ROTATE_LEFT
        .GLOBAL ROTATE_RIGHT

; SHIFT_LEFT: towards the high bits, zeros come in.
;   in       R0: the word, R1: how far
;   out      R0: R0 << R1
;   changes  R0
SHIFT_LEFT
        ST      R1, SAVE_R1
        ADD     R1, R1, #0
        BRz     SHIFT_LEFT_END
SHIFT_LEFT_BIT
        ADD     R0, R0, R0
        BRz     SHIFT_LEFT_END          ; no bit is left, however large the count
        ADD     R1, R1, #-1
        BRnp    SHIFT_LEFT_BIT
SHIFT_LEFT_END
        LD      R1, SAVE_R1
        RET

; SHIFT_RIGHT: towards the low bits, zeros come in.
;   in       R0: the word, R1: how far
;   out      R0: R0 >> R1
;   changes  R0
SHIFT_RIGHT
        ST      R2, SAVE_R2
        AND     R2, R2, #0
        BR      SHIFT_RIGHT_COUNT

; SHIFT_RIGHT_S: towards the low bits, the sign is repeated.
;   in       R0: the word, R1: how far
;   out      R0: R0 >> R1
;   changes  R0
SHIFT_RIGHT_S
        ST      R2, SAVE_R2
        AND     R2, R2, #0
        ADD     R0, R0, #0
        BRzp    SHIFT_RIGHT_COUNT
        ADD     R2, R2, #-1
SHIFT_RIGHT_COUNT                       ; R2: what comes in
        ST      R1, SAVE_R1
        ADD     R1, R1, #0
        BRn     SHIFT_RIGHT_END         ; 32768 and more
        ADD     R1, R1, #-16
        BRzp    SHIFT_RIGHT_END
SHIFT_RIGHT_BIT                         ; the upper 16 - R1 bits move into R2 from the top
        ADD     R2, R2, R2
        ADD     R0, R0, #0
        BRzp    SHIFT_RIGHT_ZERO
        ADD     R2, R2, #1
SHIFT_RIGHT_ZERO
        ADD     R0, R0, R0
        ADD     R1, R1, #1
        BRn     SHIFT_RIGHT_BIT
SHIFT_RIGHT_END
        ADD     R0, R2, #0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET

; ROTATE_RIGHT: bits that leave below come in above.
;   in       R0: the word, R1: how far
;   out      R0: R0 rotated
;   changes  R0
ROTATE_RIGHT
        ST      R1, SAVE_R1
        NOT     R1, R1                  ; to the right by n is to the left by -n
        ADD     R1, R1, #1
        BR      ROTATE_COUNT

; ROTATE_LEFT: bits that leave above come in below.
;   in       R0: the word, R1: how far
;   out      R0: R0 rotated
;   changes  R0
ROTATE_LEFT
        ST      R1, SAVE_R1
ROTATE_COUNT
        AND     R1, R1, #15
        BRz     ROTATE_END
ROTATE_BIT
        ADD     R0, R0, #0
        BRn     ROTATE_ONE
        ADD     R0, R0, R0
        BR      ROTATE_NEXT
ROTATE_ONE
        ADD     R0, R0, R0
        ADD     R0, R0, #1
ROTATE_NEXT
        ADD     R1, R1, #-1
        BRp     ROTATE_BIT
ROTATE_END
        LD      R1, SAVE_R1
        RET
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
        .END
