; timer.asm -- a program that is interrupted by the clock.
;
;     lc3run timer.asm
;
; The timer interrupts every 10,000 instructions (TMI, xFE0A).  Its routine counts;
; the program counts too, as fast as it can, and shows how far it got in each tick.
; Time is counted in instructions, so the output is always the same.

; The vectors: TRAP x40 and x41, and the timer's interrupt.
        .ORIG x0040
        .FILL START
        .FILL STOP
        .END
        .ORIG x0181
        .FILL ON_TICK
        .END

; What must run in supervisor mode: only there may a program touch a device.
        .ORIG x1000

; TRAP x40: the timer interrupts every R0 instructions.
START   ADD     R6, R6, #-1
        STR     R1, R6, #0
        STI     R0, TMI
        LD      R1, ENABLE
        STI     R1, TMR
        LDR     R1, R6, #0
        ADD     R6, R6, #1
        RTI

; TRAP x41: no more of it.
STOP    ADD     R6, R6, #-1
        STR     R1, R6, #0
        AND     R1, R1, #0
        STI     R1, TMR
        STI     R1, TMI
        LDR     R1, R6, #0
        ADD     R6, R6, #1
        RTI

; A tick.  The interrupted program's registers must not change.
ON_TICK ADD     R6, R6, #-1
        STR     R0, R6, #0
        LDI     R0, AT_TICKS
        ADD     R0, R0, #1
        STI     R0, AT_TICKS
        LDR     R0, R6, #0
        ADD     R6, R6, #1
        RTI
TMR      .FILL xFE08
TMI      .FILL xFE0A
ENABLE   .FILL x4000
AT_TICKS .FILL TICKS
        .END

; The program.
        .ORIG x3000
        .EXTERNAL NUMBER_TO_DECIMAL_U
        LD      R6, STACK
        LD      R0, PERIOD
        TRAP    x40
        AND     R2, R2, #0              ; ticks seen
NEXT    AND     R3, R3, #0              ; how far it gets
COUNT   ADD     R3, R3, #1
        LD      R0, TICKS
        NOT     R1, R2
        ADD     R1, R1, #1
        ADD     R1, R0, R1
        BRz     COUNT
        ADD     R2, R2, #1
        LEA     R0, TICK
        PUTS
        ADD     R0, R2, #0
        JSR     SHOW
        LEA     R0, REACHED
        PUTS
        ADD     R0, R3, #0
        JSR     SHOW
        LD      R0, LINE
        OUT
        ADD     R0, R2, #-5
        BRn     NEXT
        TRAP    x41
        HALT

; Shows the unsigned number in R0.  Changes R0, R1.
SHOW    ST      R7, SHOW_R7
        LEA     R1, TEXT
        JSR     NUMBER_TO_DECIMAL_U
        LEA     R0, TEXT
        PUTS
        LD      R7, SHOW_R7
        RET
STACK   .FILL   xF000
PERIOD  .FILL   #10000
TICKS   .FILL   0                       ; only ON_TICK writes this
LINE    .FILL   x0A
SHOW_R7 .BLKW   1
TEXT    .BLKW   6
TICK    .STRINGZ "tick "
REACHED .STRINGZ ": counted to "
        .END
