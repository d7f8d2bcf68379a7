; Stage 1: sends the numbers 1 to 10,000, a hundred times over.
        .ORIG x3000
        LD   R2, TIMES
ROUND   LD   R1, COUNT
        AND  R0, R0, #0
NEXT    ADD  R0, R0, #1
        TRAP x30                ; SEND
        ADD  R1, R1, #-1
        BRp  NEXT
        ADD  R2, R2, #-1
        BRp  ROUND
        HALT
TIMES   .FILL 100
COUNT   .FILL 10000
        .END
