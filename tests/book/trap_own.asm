; book: 9.3 -- a service routine of the program's own: through the vector table into
; supervisor mode, caller's PC and PSR on the supervisor stack, R7 untouched
; edition: ed3
; expect end: halt
; expect R0: x8001
; expect R1: AFTER
; expect R2: x2FFE
; expect R3: x0001
; expect R5: 3
; expect R6: xF000
; expect R7: x7777
        .ORIG x0040
        .FILL SERVICE
        .END
        .ORIG x1000
SERVICE LDR     R0, R6, #1
        LDR     R1, R6, #0
        ADD     R2, R6, #0
        LDI     R3, PSR
        AND     R4, R4, #0              ; condition codes come back with RTI
        RTI
PSR     .FILL   xFFFC
        .END
        .ORIG x3000
        LD      R6, STACK
        LD      R7, LINK
        AND     R5, R5, #0
        ADD     R5, R5, #3
        TRAP    x40
AFTER   BRp     DONE
        AND     R5, R5, #0
DONE    HALT
STACK   .FILL   xF000
LINK    .FILL   x7777
        .END
