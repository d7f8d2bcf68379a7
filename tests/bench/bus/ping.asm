; ping.asm -- sends a word, waits for the answer of pong.asm, and gives the time that
; took to user histogram 0; histogram 1 gets what reading the clock takes.
        .ORIG   x3000
        LD      R5, ROUNDS
        AND     R2, R2, #0              ; the word
ROUND   LD      R4, TRIPS
NEXT    LEA     R0, START
        TRAP    x3B                     ; CLOCK
        ADD     R0, R2, #0
        TRAP    x30                     ; SEND
        TRAP    x31                     ; RECV
        ADD     R3, R0, #0
        LEA     R0, FINISH
        TRAP    x3B
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R3, R3, R2
        BRnp    WRONG
        AND     R6, R6, #0
        JSR     RECORD
        LEA     R0, START
        TRAP    x3B
        LEA     R0, FINISH
        TRAP    x3B
        ADD     R6, R6, #1
        JSR     RECORD
        ADD     R2, R2, #1
        ADD     R4, R4, #-1
        BRp     NEXT
        ADD     R5, R5, #-1
        BRp     ROUND
        LEA     R0, YES
        PUTS
        HALT
WRONG   LEA     R0, NO
        PUTS
        HALT
; Gives what lies between the two clocks, as far as 16 bits hold it, to histogram R6.
RECORD  LD      R0, START_LOW
        NOT     R0, R0
        ADD     R0, R0, #1
        LD      R1, FINISH_LOW
        ADD     R1, R1, R0
        ADD     R0, R6, #0
        TRAP    x3D                     ; OBSERVE
        RET
ROUNDS  .FILL   #10
TRIPS   .FILL   #20000
START   .BLKW   3
START_LOW .BLKW 1
FINISH  .BLKW   3
FINISH_LOW .BLKW 1
YES     .STRINGZ "right\n"
NO      .STRINGZ "wrong\n"
        .END
