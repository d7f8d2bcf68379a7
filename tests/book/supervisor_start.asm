; book: 9.1 -- without a block from x3000 on a program starts in supervisor mode, at
; its first block, with a stack
; edition: both
; expect end: halt
; expect R0: x0002
; expect R6: x3000
        .ORIG x1000
        LDI     R0, PSR
        HALT
PSR     .FILL   xFFFC
        .END
