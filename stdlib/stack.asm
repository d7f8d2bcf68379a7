; stack.asm -- a stack of words: last in, first out.
;
; A stack stands in a block of the caller's: a word with the number of its
; elements, a word with its capacity, then room for the elements.

        .GLOBAL STACK_INIT
        .GLOBAL STACK_PUSH
        .GLOBAL STACK_POP

; STACK_INIT: makes a block an empty stack.
;   in       R0: a block of R1 + 2 words, R1: capacity, unsigned
;   changes  nothing but the block
STACK_INIT
        ST      R2, SAVE_R2
        AND     R2, R2, #0
        STR     R2, R0, #0
        STR     R1, R0, #1
        LD      R2, SAVE_R2
        RET

; STACK_PUSH: puts a word on the stack.
;   in       R0: the stack, R1: the word
;   out      R2: 1 done, 0 the stack is full; CC is R2's
;   changes  R2
STACK_PUSH
        ST      R3, SAVE_R3
        LDR     R2, R0, #0
        LDR     R3, R0, #1
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R3, R2, R3
        BRz     FAIL
        ADD     R3, R0, R2
        STR     R1, R3, #2
        ADD     R2, R2, #1
        STR     R2, R0, #0
        BR      DONE

; STACK_POP: takes the latest word.
;   in       R0: the stack
;   out      R1: the word, R2: 1 done, 0 the stack is empty (R1 stays); CC is R2's
;   changes  R1, R2
STACK_POP
        ST      R3, SAVE_R3
        LDR     R2, R0, #0
        BRz     FAIL
        ADD     R2, R2, #-1
        STR     R2, R0, #0
        ADD     R3, R0, R2
        LDR     R1, R3, #2
DONE
        LD      R3, SAVE_R3
        AND     R2, R2, #0
        ADD     R2, R2, #1
        RET
FAIL
        LD      R3, SAVE_R3
        AND     R2, R2, #0
        RET
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
        .END
