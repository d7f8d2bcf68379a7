; book: A.2, x02 -- every kind of access is checked: LD ST LDR STR LDI STI, both ways
; of an indirection, a device, a fetch; what is allowed goes through
; edition: ed3
; expect end: halt
; expect R5: 9
; expect M[ALLOWED]: x1234
; expect output: ""
        .ORIG x0102
        .FILL HANDLER
        .END
        .ORIG x1000
HANDLER ADD     R5, R5, #1              ; count, and go on behind the instruction
        STR     R0, R6, #-1
        LDR     R0, R6, #0
        ADD     R0, R0, #1
        LDR     R4, R6, #0
        NOT     R4, R4                  ; a fetch from below x3000 goes back by R7
        ADD     R4, R4, #1
        LD      R3, SYSTEM
        ADD     R4, R4, R3
        BRnp    BACK
        ADD     R0, R7, #0
BACK    STR     R0, R6, #0
        LDR     R0, R6, #-1
        RTI
SYSTEM  .FILL   x2FF0
        .END
        .ORIG x3000
        AND     R5, R5, #0
        LD      R1, LOW
        LD      R2, DEVICE
        LDR     R0, R1, #0              ; 1
        STR     R0, R1, #0              ; 2
        LDR     R0, R2, #0              ; 3
        STR     R0, R2, #6              ; 4: nothing is displayed
        LDI     R0, LOW                 ; 5: the second access
        STI     R0, LOW                 ; 6
        LD      R0, #-22                ; 7: x2FF3
        ST      R0, #-24                ; 8: x2FF3
        LD      R3, FETCH
        JSRR    R3                      ; 9: goes there, and nothing runs
        LD      R0, VALUE
        STI     R0, POINTER
        LDI     R0, POINTER
        HALT
LOW     .FILL   x2FFF
DEVICE  .FILL   xFE00
FETCH   .FILL   x2FF0
VALUE   .FILL   x1234
POINTER .FILL   ALLOWED
ALLOWED .FILL   0
        .END
