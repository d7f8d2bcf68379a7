; source.asm -- sends numbers for ever, and counts its rounds.
;
;     lc3run --metrics=9464 source.asm stage.asm sink.asm
        .COUNTER 0 "rounds"
        .ORIG x3000
ROUND   AND     R2, R2, #0
        LD      R3, WORDS       ; words in a round
NEXT    ADD     R0, R2, #0
        TRAP    x30             ; SEND
        ADD     R2, R2, #1
        ADD     R3, R3, #-1
        BRp     NEXT
        AND     R0, R0, #0
        ADD     R1, R0, #1
        TRAP    x3C             ; COUNT: one more round
        BR      ROUND
WORDS   .FILL   #1000
        .END
