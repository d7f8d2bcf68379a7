; x = x * 25173 + 13849, a million times, with the multiplication of the library.
; examples/tutorial/README.md says what this is for.
        .ORIG   x3000
        .EXTERNAL MULTIPLY
        LD      R5, ROUNDS
        AND     R0, R0, #0              ; x
ROUND   LD      R4, STEPS
STEP    LD      R1, FACTOR
        JSR     MULTIPLY                ; R0 = R0 * R1
        LD      R1, TERM
        ADD     R0, R0, R1
        ADD     R4, R4, #-1
        BRp     STEP
        ADD     R5, R5, #-1
        BRp     ROUND
        HALT
ROUNDS  .FILL   #100
STEPS   .FILL   #10000
FACTOR  .FILL   #25173
TERM    .FILL   #13849
        .END
