; book: 9.4 and figure of the interrupt -- a key interrupts: vector x80, priority 4, PC
; and PSR of the interrupted program on the supervisor stack, and all of it comes back
; edition: both
; keys: 500 "a"
; keys: 900 "b"
; keys: 1300 "c"
; expect end: halt
; expect R5: 3
; expect M[PRIORITY]: x0400
; expect M[STACKED]: x8000
; expect M[LETTERS]: x0061
; expect M[x4001]: x0062
; expect M[x4002]: x0063
; expect R6: xF000
; expect R4: 0
        .ORIG x0180
        .FILL HANDLER
        .END
        .ORIG x0040
        .FILL ENABLE
        .END
        .ORIG x1000
ENABLE  LD      R0, BIT                 ; KBSR[14]; the 2nd edition comes here by R7
        STI     R0, KBSR
        LDI     R1, PSR                 ; who called? user mode is the 2nd edition
        BRn     LINKED
        RTI
LINKED  RET
HANDLER ADD     R6, R6, #-2
        STR     R0, R6, #0
        STR     R1, R6, #1
        LDI     R0, PSR
        LD      R1, LEVEL
        AND     R0, R0, R1
        STI     R0, AT_LEVEL
        LDR     R0, R6, #3
        LD      R1, MODE
        AND     R0, R0, R1
        STI     R0, AT_STACKED
        LDI     R0, KBDR
        LD      R1, NEXT
        STR     R0, R1, #0
        ADD     R1, R1, #1
        ST      R1, NEXT
        LDI     R0, AT_COUNT
        ADD     R0, R0, #1
        STI     R0, AT_COUNT
        LDR     R0, R6, #0
        LDR     R1, R6, #1
        ADD     R6, R6, #2
        RTI
KBSR    .FILL   xFE00
KBDR    .FILL   xFE02
PSR     .FILL   xFFFC
BIT     .FILL   x4000
LEVEL   .FILL   x0700
MODE    .FILL   x8000
NEXT    .FILL   LETTERS
AT_LEVEL .FILL  PRIORITY
AT_STACKED .FILL STACKED
AT_COUNT .FILL  COUNT
        .END
        .ORIG x3000
        LD      R6, STACK
        TRAP    x40
        AND     R4, R4, #0
        AND     R0, R0, #0
LOOP    ADD     R1, R0, #0              ; R0, R1 and the codes must survive every interrupt
        BRnp    BROKEN
        ADD     R1, R1, #0
        BRz     GOOD
BROKEN  ADD     R4, R4, #1
GOOD    LD      R5, COUNT
        ADD     R5, R5, #-3
        BRn     LOOP
        LD      R5, COUNT
        HALT
STACK   .FILL   xF000
COUNT   .FILL   0
PRIORITY .FILL  0
STACKED .FILL   0
        .END
        .ORIG x4000
LETTERS .BLKW   4
        .END
