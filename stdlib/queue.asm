; queue.asm -- a queue of words: first in, first out.
;
; A queue stands in a block of the caller's: a word with the number of its
; elements, a word with its capacity, a word that says where the first element
; is, then room for the elements, used as a ring.

        .GLOBAL QUEUE_INIT
        .GLOBAL QUEUE_PUT
        .GLOBAL QUEUE_GET

; QUEUE_INIT: makes a block an empty queue.
;   in       R0: a block of R1 + 3 words, R1: capacity, 0 to 32767
;   changes  nothing but the block
QUEUE_INIT
        ST      R2, SAVE_R2
        AND     R2, R2, #0
        STR     R2, R0, #0
        STR     R1, R0, #1
        STR     R2, R0, #2
        LD      R2, SAVE_R2
        RET

; QUEUE_PUT: puts a word at the end.
;   in       R0: the queue, R1: the word
;   out      R2: 1 done, 0 the queue is full; CC is R2's
;   changes  R2
QUEUE_PUT
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        LDR     R2, R0, #0
        LDR     R3, R0, #1
        NOT     R3, R3
        ADD     R3, R3, #1              ; -capacity
        ADD     R4, R2, R3
        BRz     FAIL
        LDR     R4, R0, #2
        ADD     R4, R4, R2              ; first + elements, round the end
        ADD     R3, R4, R3
        BRn     PUT_PLACE
        ADD     R4, R3, #0
PUT_PLACE
        ADD     R4, R0, R4
        STR     R1, R4, #3
        ADD     R2, R2, #1
        STR     R2, R0, #0
        BR      DONE

; QUEUE_GET: takes the first word.
;   in       R0: the queue
;   out      R1: the word, R2: 1 done, 0 the queue is empty (R1 stays); CC is R2's
;   changes  R1, R2
QUEUE_GET
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        LDR     R2, R0, #0
        BRz     FAIL
        ADD     R2, R2, #-1
        STR     R2, R0, #0
        LDR     R3, R0, #2
        ADD     R4, R0, R3
        LDR     R1, R4, #3
        ADD     R3, R3, #1              ; first + 1, round the end
        LDR     R4, R0, #1
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R4, R3, R4
        BRn     GET_FIRST
        AND     R3, R3, #0
GET_FIRST
        STR     R3, R0, #2
DONE
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        AND     R2, R2, #0
        ADD     R2, R2, #1
        RET
FAIL
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        AND     R2, R2, #0
        RET
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
        .END
