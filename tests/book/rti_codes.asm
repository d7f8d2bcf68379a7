; book: A.3 RTI -- the PSR that RTI pops is the PSR, odd condition codes too
; edition: ed3
; expect end: halt
; expect R2: x8005
; expect R6: xE000
        .ORIG x1000
        LD      R6, STACK
        LD      R0, USER
        STR     R0, R6, #1
        LD      R0, PLACE
        STR     R0, R6, #0
        RTI
STACK   .FILL   x2F00
USER    .FILL   x8000                   ; user mode, no condition code
PLACE   .FILL   x2FFF
        .END
        .ORIG x0102
        .FILL HANDLER
        .END
        .ORIG x1100
HANDLER LDR     R0, R6, #1              ; the fetch at x2FFF was not allowed; the PSR as it was
        ADD     R2, R0, #5
        LD      R6, END
        HALT
END     .FILL   xE000
        .END
