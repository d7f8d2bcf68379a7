; book: 9.4 -- a device of priority 4 does not interrupt a program that runs at 4 or
; above; it does so as soon as the program's priority falls
; edition: both
; keys: 50 "k"
; expect end: halt
; expect R1: 0
; expect R2: 1
; expect R3: x0401
        .ORIG x1000
        LD      R0, PL4
        STI     R0, PSR
        LD      R0, BIT
        STI     R0, KBSR
        LD      R0, ROUNDS
WAIT    ADD     R0, R0, #-1
        BRp     WAIT
        LDI     R0, KBSR                ; there is a key
        BRzp    WRONG
        LD      R1, COUNT               ; and it has not interrupted
        LD      R0, PL3
        STI     R0, PSR
        LD      R2, COUNT
        HALT
WRONG   ADD     R1, R1, #1
        HALT
HANDLER STR     R0, R6, #-1
        LDI     R3, PSR
        LDI     R0, KBDR
        LD      R0, COUNT
        ADD     R0, R0, #1
        ST      R0, COUNT
        LDR     R0, R6, #-1
        RTI
KBSR    .FILL   xFE00
KBDR    .FILL   xFE02
PSR     .FILL   xFFFC
PL4     .FILL   x0402
PL3     .FILL   x0301
BIT     .FILL   x4000
ROUNDS  .FILL   #200
COUNT   .FILL   0
        .END
        .ORIG x0180
        .FILL HANDLER
        .END
