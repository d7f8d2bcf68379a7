; book: A.3 JSRR -- the base is read before R7 gets the way back
; edition: both
; expect end: halt
; expect R1: BACK
; expect R0: 1
        .ORIG x3000
        LEA     R7, SUB
        JSRR    R7
BACK    HALT
SUB     AND     R0, R0, #0
        ADD     R0, R0, #1
        ADD     R1, R7, #0
        RET
        .END
