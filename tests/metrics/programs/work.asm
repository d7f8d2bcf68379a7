; work.asm -- a shift register with feedback, for ever: data-dependent work without messages.
        .ORIG x3000
        LD      R0, SEED
        LD      R4, TAPS
        LD      R6, CELL
NEXT    ADD     R1, R0, R0      ; shifted
        ADD     R0, R0, #0
        BRzp    KEEP
        AND     R2, R1, R4      ; xor with the taps: (a or b) without (a and b)
        NOT     R2, R2
        NOT     R3, R1
        NOT     R5, R4
        AND     R3, R3, R5
        NOT     R3, R3
        AND     R1, R2, R3
KEEP    ADD     R0, R1, #0
        STR     R0, R6, #0
        BR      NEXT
SEED    .FILL   xACE1
TAPS    .FILL   x002D
CELL    .FILL   x4000
        .END
