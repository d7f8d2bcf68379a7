; book: 9.2 (our device: xFE08, xFE0A) -- the timer's ready bit comes every TMI
; instructions and goes when its status is read
; edition: both
; expect end: halt
; expect R3: 5
        .ORIG x1000
        LD      R0, PERIOD
        STI     R0, TMI
        AND     R3, R3, #0
LOOP    LDI     R1, TMR
        BRzp    LOOP
        ADD     R3, R3, #1
        ADD     R2, R3, #-5
        BRn     LOOP
        AND     R0, R0, #0
        STI     R0, TMI                 ; off
        HALT
TMR     .FILL   xFE08
TMI     .FILL   xFE0A
PERIOD  .FILL   #100
        .END
