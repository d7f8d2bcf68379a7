; book: A.3 LEA -- the 3rd edition leaves the condition codes alone
; edition: ed3
; expect end: halt
; expect R3: 0
        .ORIG x3000
        AND     R3, R3, #0
        LEA     R2, DONE
        BRz     DONE
        ADD     R3, R3, #1
DONE    HALT
        .END
