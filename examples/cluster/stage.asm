; Stage 2: passes on the sum of every hundred words.
        .ORIG x3000
GROUP   AND  R1, R1, #0
        LD   R2, HUNDRED
NEXT    TRAP x31                ; RECV; ends this stage when the source has ended
        ADD  R1, R1, R0
        ADD  R2, R2, #-1
        BRp  NEXT
        ADD  R0, R1, #0
        TRAP x30                ; SEND
        BR   GROUP
HUNDRED .FILL 100
        .END
