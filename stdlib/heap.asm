; heap.asm -- a priority queue: the smallest word comes out first.
;
; A heap stands in a block of the caller's: a word with the number of its
; elements, a word with its capacity, then the elements as a binary tree: the
; children of element i (from 1) are 2i and 2i + 1, and none is smaller than its
; parent.  Words are compared as signed numbers.

        .GLOBAL HEAP_INIT
        .GLOBAL HEAP_PUSH
        .GLOBAL HEAP_POP

; HEAP_INIT: makes a block an empty heap.
;   in       R0: a block of R1 + 2 words, R1: capacity, 0 to 16383
;   changes  nothing but the block
HEAP_INIT
        ST      R2, SAVE_R2
        AND     R2, R2, #0
        STR     R2, R0, #0
        STR     R1, R0, #1
        LD      R2, SAVE_R2
        RET

; HEAP_PUSH: puts a word in.
;   in       R0: the heap, R1: the word
;   out      R2: 1 done, 0 the heap is full; CC is R2's
;   changes  R2
;
; The new element's place is known.  Going down to it from the root (the bits of
; its number after the highest say left or right) the word changes places with
; every larger one on the way.
HEAP_PUSH
        ST      R3, SAVE_R3
        LDR     R2, R0, #0
        LDR     R3, R0, #1
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R3, R2, R3
        BRz     PUSH_FAIL
        ST      R1, SAVE_R1
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        ST      R7, SAVE_R7
        ADD     R2, R2, #1
        STR     R2, R0, #0
        ST      R2, COUNT               ; the new element's place
        ADD     R4, R2, #0              ; its bits, the highest moved to the top
PUSH_TOP
        BRn     PUSH_ROOT
        ADD     R4, R4, R4
        BR      PUSH_TOP
PUSH_ROOT
        AND     R3, R3, #0
        ADD     R3, R3, #1              ; the node on the way
PUSH_NODE
        LD      R2, COUNT
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R2, R2, R3
        BRz     PUSH_PLACE
        ADD     R2, R0, R3
        LDR     R5, R2, #1
        JSR     COMPARE
        BRzp    PUSH_DOWN
        ADD     R2, R0, R3              ; the node is larger: it goes on instead
        STR     R1, R2, #1
        ADD     R1, R5, #0
PUSH_DOWN
        ADD     R3, R3, R3
        ADD     R4, R4, R4
        BRzp    PUSH_NODE
        ADD     R3, R3, #1
        BR      PUSH_NODE
PUSH_PLACE
        ADD     R2, R0, R3
        STR     R1, R2, #1
        LD      R1, SAVE_R1
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        LD      R7, SAVE_R7
        AND     R2, R2, #0
        ADD     R2, R2, #1
        RET
PUSH_FAIL
        LD      R3, SAVE_R3
        AND     R2, R2, #0
        RET

; HEAP_POP: takes the smallest word.
;   in       R0: the heap
;   out      R1: the word, R2: 1 done, 0 the heap is empty (R1 stays); CC is R2's
;   changes  R1, R2
;
; The last element moves from the root down past every smaller child.
HEAP_POP
        LDR     R2, R0, #0
        BRz     POP_EMPTY
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        ST      R7, SAVE_R7
        LDR     R3, R0, #2
        ST      R3, SAVE_R1             ; the result
        ADD     R3, R0, R2
        LDR     R3, R3, #1
        ST      R3, LAST
        ADD     R2, R2, #-1
        STR     R2, R0, #0
        ST      R2, COUNT
        AND     R3, R3, #0
        ADD     R3, R3, #1              ; the free place
POP_NODE
        ADD     R4, R3, R3              ; its left child
        NOT     R2, R4
        ADD     R2, R2, #1
        LD      R5, COUNT
        ADD     R2, R5, R2              ; elements - child
        BRn     POP_PLACE
        BRz     POP_CHILD
        ADD     R2, R0, R4              ; two children: the smaller
        LDR     R1, R2, #1
        LDR     R5, R2, #2
        JSR     COMPARE
        BRnz    POP_CHILD
        ADD     R4, R4, #1
POP_CHILD
        ADD     R2, R0, R4
        LDR     R5, R2, #1
        LD      R1, LAST
        JSR     COMPARE
        BRnz    POP_PLACE               ; the last element may stand above this child
        ADD     R2, R0, R3
        STR     R5, R2, #1
        ADD     R3, R4, #0
        BR      POP_NODE
POP_PLACE
        LD      R1, LAST
        ADD     R2, R0, R3
        STR     R1, R2, #1
        LD      R1, SAVE_R1
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        LD      R7, SAVE_R7
        AND     R2, R2, #0
        ADD     R2, R2, #1
        RET
POP_EMPTY
        AND     R2, R2, #0
        RET

; R2 and CC: the sign of R1 - R5, also where the difference does not fit.
COMPARE
        ADD     R2, R1, #0
        BRn     COMPARE_NEGATIVE
        ADD     R2, R5, #0
        BRn     COMPARE_ABOVE
        BR      COMPARE_SAME
COMPARE_NEGATIVE
        ADD     R2, R5, #0
        BRzp    COMPARE_BELOW
COMPARE_SAME
        NOT     R2, R5
        ADD     R2, R2, #1
        ADD     R2, R1, R2
        RET
COMPARE_ABOVE
        AND     R2, R2, #0
        ADD     R2, R2, #1
        RET
COMPARE_BELOW
        AND     R2, R2, #0
        ADD     R2, R2, #-1
        RET
COUNT   .BLKW 1
LAST    .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1
SAVE_R7 .BLKW 1
        .END
