; book: 4.3 -- a program is data: what it stores is what it runs next
; edition: both
; expect end: halt
; expect R0: 6
        .ORIG x3000
        AND     R0, R0, #0
        LD      R1, ROUNDS
LOOP    ADD     R0, R0, #1              ; becomes +2, then +3
        LD      R2, LOOP
        ADD     R2, R2, #1
        ST      R2, LOOP
        ADD     R1, R1, #-1
        BRp     LOOP
        HALT
ROUNDS  .FILL   #3
        .END
