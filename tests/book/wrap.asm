; book: 2.5 and A.3 -- sums and addresses have 16 bits
; edition: ed3
; expect end: halt
; expect R0: x8000
; expect R1: 0
; expect R2: x0777
; expect R3: x0003
; expect PSR: x0001
        .ORIG x1000
        LD      R0, MOST
        ADD     R0, R0, #1              ; x7FFF + 1
        AND     R1, R1, #0
        ADD     R1, R1, #-1
        LDR     R2, R1, #6              ; xFFFF + 6 is x0005
        ADD     R1, R1, #1              ; xFFFF + 1
        LD      R4, TOP
        JMP     R4
MOST    .FILL   x7FFF
TOP     .FILL   xFFFF
        .END
        .ORIG x0000                     ; a program of the supervisor: no block from x3000 on
        ADD     R3, R3, #3              ; the PC came round from xFFFF
        LEA     R5, DATA
        LD      R6, STACK
        HALT
STACK   .FILL   x3000
DATA    .FILL   x0777
        .END
