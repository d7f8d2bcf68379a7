; book: 9.3 -- service routines call each other; each RTI goes back one step, and only
; the last one to user mode and the user's stack
; edition: ed3
; expect end: halt
; expect R1: x0004
; expect R2: x8004
; expect R3: x2FFC
; expect R6: xF000
; expect output: "ok"
        .ORIG x0041
        .FILL OUTER
        .FILL INNER
        .END
        .ORIG x1000
OUTER   LDR     R2, R6, #1              ; the caller was the user
        TRAP    x42
        LEA     R0, TEXT
        PUTS
        RTI
INNER   LDR     R1, R6, #1              ; the caller was a supervisor
        ADD     R3, R6, #0
        RTI
TEXT    .STRINGZ "ok"
        .END
        .ORIG x3000
        LD      R6, STACK
        ADD     R0, R6, #0
        TRAP    x41
        HALT
STACK   .FILL   xF000
        .END
