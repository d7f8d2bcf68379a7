; book: 9.4 -- an interrupt whose vector nobody has set stops the machine
; edition: both
; expect end: fault
; expect fault: x0181 at LOOP
        .ORIG x1000
        LD      R0, PERIOD
        STI     R0, TMI
        LD      R0, BIT
        STI     R0, TMR
LOOP    BR      LOOP
TMR     .FILL   xFE08
TMI     .FILL   xFE0A
PERIOD  .FILL   #100
BIT     .FILL   x4000
        .END
