; memory.asm -- blocks of words.

        .GLOBAL MEMORY_COPY
        .GLOBAL MEMORY_FILL
        .GLOBAL MEMORY_COMPARE

; MEMORY_COPY: copies a block; the two may overlap.
;   in       R0: where to, R1: where from, R2: words, unsigned
;   changes  nothing but the memory
MEMORY_COPY
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ADD     R2, R2, #0
        BRz     COPY_END
        ADD     R0, R0, #0              ; to above from, as unsigned numbers?
        BRn     COPY_TO_TOP
        ADD     R1, R1, #0
        BRn     COPY_UP
        BR      COPY_COMPARE
COPY_TO_TOP
        ADD     R1, R1, #0
        BRzp    COPY_DOWN
COPY_COMPARE
        NOT     R3, R1
        ADD     R3, R3, #1
        ADD     R3, R0, R3
        BRp     COPY_DOWN
COPY_UP                                 ; first word first
        LDR     R3, R1, #0
        STR     R3, R0, #0
        ADD     R0, R0, #1
        ADD     R1, R1, #1
        ADD     R2, R2, #-1
        BRnp    COPY_UP
        BR      COPY_END
COPY_DOWN                               ; last word first
        ADD     R0, R0, R2
        ADD     R1, R1, R2
COPY_DOWN_NEXT
        ADD     R0, R0, #-1
        ADD     R1, R1, #-1
        LDR     R3, R1, #0
        STR     R3, R0, #0
        ADD     R2, R2, #-1
        BRnp    COPY_DOWN_NEXT
COPY_END
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        RET

; MEMORY_FILL: gives every word of a block one value.
;   in       R0: the block, R1: the value, R2: words, unsigned
;   changes  nothing but the memory
MEMORY_FILL
        ST      R0, SAVE_R0
        ST      R2, SAVE_R2
        ADD     R2, R2, #0
        BRz     FILL_END
FILL_NEXT
        STR     R1, R0, #0
        ADD     R0, R0, #1
        ADD     R2, R2, #-1
        BRnp    FILL_NEXT
FILL_END
        LD      R0, SAVE_R0
        LD      R2, SAVE_R2
        RET

; MEMORY_COMPARE: compares by the first word that differs, as unsigned numbers.
;   in       R0, R1: two blocks, R2: words, unsigned
;   out      R0: -1 when the first comes before the second, 0 when equal, else 1;
;            CC is R0's
;   changes  R0
MEMORY_COMPARE
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ADD     R2, R2, #0
        BRz     COMPARE_EQUAL
COMPARE_NEXT
        LDR     R3, R0, #0
        LDR     R4, R1, #0
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R4, R3, R4
        BRnp    COMPARE_DIFFERENT
        ADD     R0, R0, #1
        ADD     R1, R1, #1
        ADD     R2, R2, #-1
        BRnp    COMPARE_NEXT
COMPARE_EQUAL
        AND     R0, R0, #0
        BR      COMPARE_END
COMPARE_DIFFERENT
        LDR     R4, R1, #0
        AND     R0, R0, #0
        ADD     R3, R3, #0
        BRn     COMPARE_TOP
        ADD     R4, R4, #0
        BRn     COMPARE_BELOW
        BR      COMPARE_SIGN
COMPARE_TOP
        ADD     R4, R4, #0
        BRzp    COMPARE_ABOVE
COMPARE_SIGN
        NOT     R4, R4                  ; top bits are equal: the difference has a true sign
        ADD     R4, R4, #1
        ADD     R4, R3, R4
        BRn     COMPARE_BELOW
COMPARE_ABOVE
        ADD     R0, R0, #1
        BR      COMPARE_END
COMPARE_BELOW
        ADD     R0, R0, #-1
COMPARE_END
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        ADD     R0, R0, #0
        RET
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
        .END
