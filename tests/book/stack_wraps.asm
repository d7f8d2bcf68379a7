; book: 9.3 -- a supervisor stack at x0000 grows into the device registers: the PSR goes to
; xFFFF, where nothing is, the PC to the machine control register, whose run bit it
; clears
; edition: ed3
; expect end: halt
; expect R1: 1
        .ORIG x1000
        AND     R6, R6, #0
        AND     R1, R1, #0
        ADD     R1, R1, #1
        TRAP    x60
        ADD     R1, R1, #1
        HALT
        .END
