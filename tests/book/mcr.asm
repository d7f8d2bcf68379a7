; book: 9.2.5 -- clearing bit 15 of the machine control register stops the machine
; edition: ed3
; expect end: halt
; expect R0: x8000
; expect R2: 0
; expect PC: NEXT
        .ORIG x1000
        AND     R2, R2, #0
        LDI     R0, MCR
        AND     R1, R1, #0
        STI     R1, MCR
NEXT    ADD     R2, R2, #1
        HALT
MCR     .FILL   xFFFE
        .END
