; book: ed2 chapter 8 and 9.1 -- the 2nd edition lets a user program poll devices and
; read anything; LEA sets the condition codes
; edition: ed2
; keys: 0 "k"
; expect end: halt
; expect R0: x006B
; expect R3: 1
; expect output: "k"
        .ORIG x3000
WAIT    LDI     R1, KBSR
        BRzp    WAIT
        LDI     R0, KBDR
SHOW    LDI     R1, DSR
        BRzp    SHOW
        STI     R0, DDR
        LD      R2, LOW
        LDR     R2, R2, #0              ; no exception
        AND     R3, R3, #0
        LEA     R2, WAIT
        BRnz    DONE
        ADD     R3, R3, #1
DONE    HALT
KBSR    .FILL   xFE00
KBDR    .FILL   xFE02
DSR     .FILL   xFE04
DDR     .FILL   xFE06
LOW     .FILL   x0020
        .END
