; book: A.2, x01 -- the reserved opcode is an exception that can be handled
; edition: both
; expect end: halt
; expect R1: HERE
; expect R2: xDABC
; expect R5: 42
        .ORIG x0101
        .FILL HANDLER
        .END
        .ORIG x1000
HANDLER LDR     R1, R6, #0
        LDR     R2, R1, #0
        ADD     R3, R1, #1
        STR     R3, R6, #0
        RTI
        .END
        .ORIG x3000
HERE    .FILL   xDABC
        LD      R5, VALUE
        HALT
VALUE   .FILL   #42
        .END
