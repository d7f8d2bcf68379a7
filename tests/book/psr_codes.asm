; book: A.2, figure of the PSR -- condition codes that no result gives: written to the
; PSR they read back and compare as written until the next result
; edition: ed3
; expect end: halt
; expect R0: x0000
; expect R1: x0007
; expect R2: 0
; expect R3: 3
        .ORIG x1000
        AND     R2, R2, #0
        AND     R3, R3, #0
        AND     R4, R4, #0
        STI     R4, PSR                 ; none of them
        BRnzp   WRONG                   ; not even this one is taken
        LDI     R0, PSR
        LD      R4, ALL
        STI     R4, PSR                 ; all of them
        BRn     ONE
        ADD     R2, R2, #1
ONE     LD      R4, ALL
        STI     R4, PSR
        BRz     TWO
        ADD     R2, R2, #1
TWO     LD      R4, ALL
        STI     R4, PSR
        BRp     THREE
        ADD     R2, R2, #1
THREE   LD      R4, ALL
        STI     R4, PSR
        LDI     R1, PSR
        ADD     R3, R3, #3
        HALT
WRONG   ADD     R2, R2, #1
        HALT
PSR     .FILL   xFFFC
ALL     .FILL   x0007
        .END
