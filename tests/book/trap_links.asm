; book: ed2 9.1 -- in the 2nd edition TRAP leaves the way back in R7, also the stock
; routines; the mode does not change
; edition: ed2
; expect end: halt
; expect R5: ONE
; expect R4: TWO
; expect R3: x8000
; expect output: "a"
        .ORIG x0040
        .FILL SERVICE
        .END
        .ORIG x1000
SERVICE ADD     R4, R7, #0
        LDI     R3, PSR
        LD      R2, MASK
        AND     R3, R3, R2
        RET
PSR     .FILL   xFFFC
MASK    .FILL   x8700
        .END
        .ORIG x3000
        LD      R0, LETTER
        OUT
ONE     ADD     R5, R7, #0
        TRAP    x40
TWO     HALT
LETTER  .FILL   x61
        .END
