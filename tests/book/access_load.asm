; book: A.2, x02 and 9.1 -- a user program may not read system space
; edition: ed3
; expect end: fault
; expect fault: x0102 at HERE
; expect R0: 5
        .ORIG x3000
        AND     R0, R0, #0
        ADD     R0, R0, #5
        LD      R1, ADDRESS
HERE    LDR     R0, R1, #0
        HALT
ADDRESS .FILL   x2FFF
        .END
