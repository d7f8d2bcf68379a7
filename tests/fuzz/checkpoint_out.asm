; The first machine of fuzz_checkpoint.c: sends blocks, counts, asks for keys, has its timer on.
        .ORIG x3000
        LD      R1, PERIOD
        STI     R1, INTERVAL
NEXT    LEA     R0, WORDS
        AND     R1, R1, #0
        ADD     R1, R1, #5
        TRAP    x36                     ; SENDN
        AND     R0, R0, #0
        ADD     R1, R0, #1
        TRAP    x3C                     ; COUNT
        LD      R0, LETTER
        OUT
        STI     R0, ELSEWHERE           ; memory that differs, here and there
        LD      R1, ELSEWHERE
        ADD     R1, R1, #3
        ST      R1, ELSEWHERE
        BRp     NEXT
        LD      R1, FIRST
        ST      R1, ELSEWHERE
        IN                              ; its prompt, and then no key: the end
        BR      NEXT
PERIOD  .FILL   #50
INTERVAL .FILL  xFE0A
ELSEWHERE .FILL x7FC0
FIRST   .FILL   x7FC0
LETTER  .FILL   x41
WORDS   .FILL   #1
        .FILL   #2
        .FILL   #3
        .FILL   #4
        .FILL   #5
        .END
