; sort.asm -- order, and finding by order.  Words are compared as signed numbers.

        .GLOBAL SORT
        .GLOBAL BINARY_SEARCH

; SORT: puts words in ascending order.
;   in       R0: the words, R1: how many, 0 to 32767
;   changes  nothing but the words
;
; Shell's method with Ciura's gaps (2001), extended: an insertion sort over words
; that stand a gap apart, for smaller and smaller gaps.
SORT
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        LEA     R2, GAPS
        ST      R2, NEXT_GAP
SORT_GAP
        LDI     R2, NEXT_GAP            ; -gap
        BRz     SORT_END
        LD      R3, NEXT_GAP
        ADD     R3, R3, #1
        ST      R3, NEXT_GAP
        ST      R2, GAP
        NOT     R3, R2
        ADD     R3, R3, #1              ; index of the word to insert
SORT_WORD
        LD      R1, SAVE_R1
        NOT     R4, R1
        ADD     R4, R4, #1
        ADD     R4, R4, R3
        BRzp    SORT_GAP                ; all of them are in place for this gap
        LD      R0, SAVE_R0
        ADD     R4, R0, R3
        LDR     R5, R4, #0              ; the word
        ST      R3, INDEX
SORT_MOVE
        LD      R2, GAP
        ADD     R3, R3, R2              ; the index one gap below
        BRn     SORT_PLACE
        ADD     R1, R4, R2
        LDR     R0, R1, #0
        BRn     SORT_NEGATIVE           ; R0 > R5?
        ADD     R5, R5, #0
        BRn     SORT_SHIFT
        BR      SORT_SAME
SORT_NEGATIVE
        ADD     R5, R5, #0
        BRzp    SORT_PLACE
SORT_SAME
        NOT     R2, R5
        ADD     R2, R2, #1
        ADD     R2, R0, R2
        BRnz    SORT_PLACE
SORT_SHIFT
        STR     R0, R4, #0
        ADD     R4, R1, #0
        BR      SORT_MOVE
SORT_PLACE
        STR     R5, R4, #0
        LD      R3, INDEX
        ADD     R3, R3, #1
        BR      SORT_WORD
SORT_END
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        RET
GAPS    .FILL #-19903
        .FILL #-8846
        .FILL #-3931
        .FILL #-1750
        .FILL #-701
        .FILL #-301
        .FILL #-132
        .FILL #-57
        .FILL #-23
        .FILL #-10
        .FILL #-4
        .FILL #-1
        .FILL #0
NEXT_GAP .BLKW 1
GAP     .BLKW 1
INDEX   .BLKW 1
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1

; BINARY_SEARCH: looks for a word among words in ascending order.
;   in       R0: the words, R1: how many, 0 to 32767, R2: the word
;   out      R0: index of the first word that is not smaller, R1 when there is none;
;            R1: 1 when that word is equal, else 0; CC is R1's
;   changes  R0, R1
;
; The index is built from its highest bit down, so nothing needs halving.
BINARY_SEARCH
        ST      R2, FIND_R2
        ST      R3, FIND_R3
        ST      R4, FIND_R4
        ST      R5, FIND_R5
        ST      R7, FIND_R7
        ST      R0, WORDS
        NOT     R1, R1
        ADD     R1, R1, #1
        ST      R1, MINUS_COUNT
        AND     R3, R3, #0              ; so many words are known to be smaller
        LEA     R4, STEPS
FIND_STEP
        LDR     R5, R4, #0
        BRz     FIND_END
        ADD     R4, R4, #1
        ADD     R5, R3, R5
        LD      R0, MINUS_COUNT
        ADD     R0, R0, R5
        BRp     FIND_STEP               ; beyond the last
        LD      R0, WORDS
        ADD     R0, R0, R5
        LDR     R1, R0, #-1
        JSR     FIND_COMPARE
        BRzp    FIND_STEP
        ADD     R3, R5, #0
        BR      FIND_STEP
FIND_END
        LD      R0, MINUS_COUNT
        ADD     R0, R0, R3
        BRz     FIND_NONE
        LD      R0, WORDS
        ADD     R0, R0, R3
        LDR     R1, R0, #0
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R1, R1, R2
        BRnp    FIND_NONE
        ADD     R1, R1, #1
        BR      FIND_DONE
FIND_NONE
        AND     R1, R1, #0
FIND_DONE
        ADD     R0, R3, #0
        LD      R2, FIND_R2
        LD      R3, FIND_R3
        LD      R4, FIND_R4
        LD      R5, FIND_R5
        LD      R7, FIND_R7
        ADD     R1, R1, #0
        RET

; CC: the sign of R1 - R2, also where the difference does not fit.  Changes R0, R1.
FIND_COMPARE
        ADD     R1, R1, #0
        BRn     FIND_NEGATIVE
        ADD     R2, R2, #0
        BRzp    FIND_SAME
        AND     R0, R0, #0
        ADD     R0, R0, #1
        RET
FIND_NEGATIVE
        ADD     R2, R2, #0
        BRn     FIND_SAME
        ADD     R1, R1, #0
        RET
FIND_SAME
        NOT     R0, R2
        ADD     R0, R0, #1
        ADD     R0, R1, R0
        RET
STEPS   .FILL x4000
        .FILL x2000
        .FILL x1000
        .FILL x0800
        .FILL x0400
        .FILL x0200
        .FILL x0100
        .FILL x0080
        .FILL x0040
        .FILL x0020
        .FILL x0010
        .FILL x0008
        .FILL x0004
        .FILL x0002
        .FILL x0001
        .FILL x0000
WORDS   .BLKW 1
MINUS_COUNT .BLKW 1
FIND_R2 .BLKW 1
FIND_R3 .BLKW 1
FIND_R4 .BLKW 1
FIND_R5 .BLKW 1
FIND_R7 .BLKW 1
        .END
