; book: 9.3 -- a program puts its own routine in the place of a stock one
; edition: ed3
; expect end: halt
; expect output: "[a]"
        .ORIG x0050
        .FILL CHANGE
        .END
        .ORIG x1000
CHANGE  LD      R1, ROUTINE             ; the vector of OUT points here from now on
        STI     R1, VECTOR
        RTI
VECTOR  .FILL   x0021
ROUTINE .FILL   BRACKET
BRACKET ADD     R2, R0, #0
        LD      R0, LEFT
        STI     R0, DDR
        STI     R2, DDR
        LD      R0, RIGHT
        STI     R0, DDR
        ADD     R0, R2, #0
        RTI
LEFT    .FILL   x5B
RIGHT   .FILL   x5D
DDR     .FILL   xFE06
        .END
        .ORIG x3000
        LD      R0, LETTER
        TRAP    x50
        OUT
        HALT
LETTER  .FILL   x61
        .END
