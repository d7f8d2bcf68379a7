; book: A.2, x00 -- the handler a program brings runs in supervisor mode, sees the
; faulting address on its stack, and may go on behind it
; edition: both
; expect end: halt
; expect R0: x8004
; expect R1: HERE
; expect R2: 1
; expect R3: x0004
; expect R6: xF000
; expect PC: DONE
        .ORIG x0100
        .FILL HANDLER
        .END
        .ORIG x1000
HANDLER LDR     R1, R6, #0              ; PC: the RTI itself
        LDR     R0, R6, #1              ; PSR: user mode, N
        LDI     R3, PSR
        ADD     R2, R1, #1
        STR     R2, R6, #0
        AND     R2, R2, #0
        ADD     R2, R2, #1
        ADD     R4, R2, #0              ; CC here is p, the caller's is n
        RTI
PSR     .FILL xFFFC
        .END
        .ORIG x3000
        LD      R6, STACK
        AND     R0, R0, #0
        ADD     R0, R0, #-1
HERE    RTI
        BRn     CODES
        AND     R2, R2, #0              ; condition codes were lost
CODES   HALT
DONE    NOP
STACK   .FILL xF000
        .END
