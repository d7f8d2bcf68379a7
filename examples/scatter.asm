; scatter.asm -- gives numbers to three workers, gathers their squares, adds them up.
;
;     lc3as scatter.asm square.asm
;     lc3run --link 0:1 --link 0:2 --link 0:3 --link 1:0 --link 2:0 --link 3:0 scatter.obj 3*square.obj
;
; The links give this machine out ports 0, 1, 2 and in ports 0, 1, 2, in the order
; in which they are written.  The sum of the squares of 1 to 30 is 9455.
        .ORIG x3000
        AND     R2, R2, #0              ; the number
SCATTER AND     R1, R1, #0              ; the port
NEXT    ADD     R0, R2, #1
        TRAP    x32                     ; SENDTO: R0 to port R1
        ADD     R2, R2, #1
        ADD     R1, R1, #1
        ADD     R3, R1, #-3
        BRn     NEXT
        LD      R3, MINUS_COUNT
        ADD     R3, R3, R2
        BRn     SCATTER

        AND     R4, R4, #0              ; the sum
        LD      R2, COUNT
GATHER  AND     R1, R1, #0
TAKE    TRAP    x33                     ; RECVFROM: port R1 to R0
        ADD     R4, R4, R0
        ADD     R2, R2, #-1
        ADD     R1, R1, #1
        ADD     R3, R1, #-3
        BRn     TAKE
        ADD     R2, R2, #0
        BRp     GATHER

        LEA     R0, TEXT
        PUTS
        LEA     R5, POWERS              ; R4 in decimal
DIGIT   LDR     R1, R5, #0
        BRz     LAST
        LD      R0, ZERO
        NOT     R3, R1
        ADD     R3, R3, #1
COUNT_UP
        ADD     R6, R4, R3
        BRn     WRITE
        ADD     R4, R6, #0
        ADD     R0, R0, #1
        BR      COUNT_UP
WRITE   OUT
        ADD     R5, R5, #1
        BR      DIGIT
LAST    LD      R0, ZERO
        ADD     R0, R0, R4
        OUT
        LD      R0, NEWLINE
        OUT
        HALT
COUNT   .FILL 30
MINUS_COUNT .FILL -30
ZERO    .FILL x0030
NEWLINE .FILL x000A
POWERS  .FILL 1000
        .FILL 100
        .FILL 10
        .FILL 0
TEXT    .STRINGZ "the squares add up to "
        .END
