; book: A.2 -- an exception pushes the address of the instruction itself, so a handler
; may mend what was wrong and have it done again
; edition: ed3
; expect end: halt
; expect R0: x4242
; expect R5: 1
        .ORIG x0102
        .FILL HANDLER
        .END
        .ORIG x1000
HANDLER LD      R1, GOOD
        ADD     R5, R5, #1
        RTI
GOOD    .FILL   VALUE
        .END
        .ORIG x3000
        LDR     R0, R1, #0              ; R1 is 0: system space
        HALT
VALUE   .FILL   x4242
        .END
