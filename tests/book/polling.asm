; book: 9.2.2 to 9.2.4 -- input and output by polling, in supervisor mode
; edition: both
; keys: 100 "xy"
; expect end: halt
; expect R5: x0079
; expect R4: x0000
; expect output: "xy"
        .ORIG x1000
        JSR     ECHO
        JSR     ECHO
        LDI     R4, KBSR                ; the register is empty again
        HALT
ECHO    LDI     R1, KBSR
        BRzp    ECHO
        LDI     R5, KBDR
SHOW    LDI     R1, DSR
        BRzp    SHOW
        STI     R5, DDR
        RET
KBSR    .FILL   xFE00
KBDR    .FILL   xFE02
DSR     .FILL   xFE04
DDR     .FILL   xFE06
        .END
