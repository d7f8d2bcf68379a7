; producer.asm -- sends a counted sequence and an end mark; consumer.asm checks it.
;
;     lc3as producer.asm consumer.asm
;     lc3run --stats producer.obj consumer.obj
;
; A message is one word: 1, 2, 3 ... 65535, 1, 2 ...  Zero ends the sequence.  The
; count has 32 bits, COUNT_HIGH:COUNT_LOW; change the two words for another length.
        .ORIG x3000
        LD      R2, COUNT_LOW           ; left to send: R3 rounds of x10000, and R2
        LD      R3, COUNT_HIGH
        AND     R0, R0, #0              ; the latest message
        ADD     R2, R2, #0
        BRz     ROUND                   ; whole rounds only
NEXT    ADD     R0, R0, #1
        BRz     WRAP                    ; after 65535 comes 1
READY   TRAP    x30                     ; SEND
        ADD     R2, R2, #-1
        BRnp    NEXT
ROUND   ADD     R3, R3, #-1             ; R2 is zero and counts another x10000
        BRzp    NEXT
        AND     R0, R0, #0
        TRAP    x30                     ; the end mark
        LEA     R0, DONE
        PUTS
        HALT
WRAP    ADD     R0, R0, #1
        BR      READY

COUNT_LOW  .FILL x1200                  ; x00B71200 is 11,997,696
COUNT_HIGH .FILL x00B7
DONE    .STRINGZ "producer: all sent\n"
        .END
