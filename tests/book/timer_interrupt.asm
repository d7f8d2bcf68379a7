; book: 9.4 (our device: vector x81) -- timer interrupts come every TMI instructions
; edition: both
; expect end: halt
; expect R3: 10
        .ORIG x1000
        LD      R0, PERIOD
        STI     R0, TMI
        LD      R0, BIT
        STI     R0, TMR
LOOP    LD      R3, COUNT
        ADD     R2, R3, #-10
        BRn     LOOP
        AND     R0, R0, #0
        STI     R0, TMI
        HALT
HANDLER STR     R0, R6, #-1
        LD      R0, COUNT
        ADD     R0, R0, #1
        ST      R0, COUNT
        LDR     R0, R6, #-1
        RTI
TMR     .FILL   xFE08
TMI     .FILL   xFE0A
PERIOD  .FILL   #300
BIT     .FILL   x4000
COUNT   .FILL   0
        .END
        .ORIG x0181
        .FILL HANDLER
        .END
