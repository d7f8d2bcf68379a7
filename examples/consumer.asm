; consumer.asm -- receives the sequence of producer.asm, checks that no word is
; missing, doubled or out of order, and says how many came.
;
;     lc3as producer.asm consumer.asm
;     lc3run --stats producer.obj consumer.obj
        .ORIG x3000
        AND     R3, R3, #0              ; rounds of 65535 messages
        AND     R1, R1, #0              ; minus what came last
NEXT    TRAP    x31                     ; RECV: a word in R0, and its codes
        BRz     END                     ; the end mark
        ADD     R1, R1, #-1             ; minus what must come now
        BRz     WRAP                    ; after 65535 comes 1
CHECK   ADD     R4, R0, R1
        BRz     NEXT
        BR      WRONG
WRAP    ADD     R3, R3, #1
        ADD     R1, R1, #-1
        BR      CHECK

; ------------------------------------------------------------- the summary
WRONG   ADD     R5, R0, #0              ; what came instead
        LEA     R0, BAD
        PUTS
        ADD     R0, R5, #0
        JSR     HEX
        LEA     R0, BAD_END
        PUTS
        HALT
END     NOT     R2, R1                  ; R3 rounds and R2 more: R3 * 65535 + R2
        ADD     R2, R2, #1              ; is R3:R2 - R3
        ADD     R1, R3, #0
        AND     R4, R4, #0
        JSR     LESS
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R2, R2, R1
        LD      R5, BORROW
        ADD     R3, R3, R5
        LEA     R0, GOOD
        PUTS
        JSR     DECIMAL
        LEA     R0, GOOD_END
        PUTS
        HALT

; Writes R3:R2 in decimal.  Subtracts powers of ten, from 1,000,000,000 down.
; Changes R0 to R6.
DECIMAL ST      R7, DECIMAL_BACK
        LEA     R5, POWERS
        AND     R6, R6, #0              ; no digit written yet
DIGIT   LDR     R1, R5, #0              ; the power: R4 high, R1 low
        LDR     R4, R5, #1
        ST      R5, DECIMAL_AT
        AND     R0, R0, #0
        LD      R0, ZERO
SUBTRACT
        JSR     LESS                    ; R3:R2 < R4:R1?
        BRn     WRITE
        NOT     R5, R1                  ; R3:R2 - R4:R1
        ADD     R5, R5, #1
        ADD     R2, R2, R5
        ST      R2, DECIMAL_LOW
        LD      R5, BORROW              ; set by LESS: the low words' borrow
        ADD     R3, R3, R5
        NOT     R5, R4
        ADD     R5, R5, #1
        ADD     R3, R3, R5
        ADD     R0, R0, #1
        BR      SUBTRACT
WRITE   LD      R5, MINUS_ZERO          ; leading zeros are not written
        ADD     R5, R5, R0
        ADD     R6, R6, R5
        BRz     SKIP
        OUT
SKIP    LD      R5, DECIMAL_AT
        ADD     R5, R5, #2
        LDR     R1, R5, #0
        LDR     R4, R5, #1
        ADD     R1, R1, R4
        BRnp    DIGIT                   ; a zero power ends the table
        LD      R0, ZERO                ; the ones are what is left
        ADD     R0, R0, R2
        OUT
        LD      R7, DECIMAL_BACK
        RET
DECIMAL_BACK .BLKW 1
DECIMAL_AT   .BLKW 1
DECIMAL_LOW  .BLKW 1
BORROW       .BLKW 1
ZERO         .FILL x0030
MINUS_ZERO   .FILL x-30
POWERS  .FILL xCA00                     ; 1,000,000,000 is x3B9ACA00, low word first
        .FILL x3B9A
        .FILL xE100                     ; 100,000,000
        .FILL x05F5
        .FILL x9680                     ; 10,000,000
        .FILL x0098
        .FILL x4240                     ; 1,000,000
        .FILL x000F
        .FILL x86A0                     ; 100,000
        .FILL x0001
        .FILL x2710                     ; 10,000
        .FILL x0000
        .FILL x03E8                     ; 1,000
        .FILL x0000
        .FILL x0064                     ; 100
        .FILL x0000
        .FILL x000A                     ; 10
        .FILL x0000
        .FILL x0000
        .FILL x0000

; R3:R2 < R4:R1?  CC n when it is, p when not.  Leaves -1 in BORROW when R2 < R1,
; else 0.  Changes R5 and CC.
LESS    ST      R0, LESS_R0
        ST      R6, LESS_R6
        AND     R6, R6, #0
        ADD     R0, R2, #0              ; R2 < R1, both unsigned?
        BRn     LOW_BIG
        ADD     R5, R1, #0
        BRn     LOW_LESS                ; R2 has no top bit, R1 has
        BR      LOW_SAME
LOW_BIG ADD     R5, R1, #0
        BRzp    LOW_DONE                ; R2 has the top bit, R1 has not
LOW_SAME
        NOT     R5, R1                  ; equal top bits: the difference tells
        ADD     R5, R5, #1
        ADD     R5, R5, R2
        BRzp    LOW_DONE
LOW_LESS
        ADD     R6, R6, #-1
LOW_DONE
        ST      R6, BORROW
        NOT     R5, R4                  ; high words stay below x8000
        ADD     R5, R5, #1
        ADD     R5, R5, R3
        ADD     R5, R5, R6              ; n: less
        BRn     IS_LESS
        AND     R5, R5, #0
        ADD     R5, R5, #1
IS_LESS LD      R0, LESS_R0
        LD      R6, LESS_R6
        ADD     R5, R5, #0
        RET
LESS_R0 .BLKW 1
LESS_R6 .BLKW 1

; Writes R0 as four hexadecimal digits.  Changes R0 to R4.
HEX     ST      R7, HEX_BACK
        ADD     R1, R0, #0
        AND     R3, R3, #0
        ADD     R3, R3, #4              ; digits
HEX_DIGIT
        AND     R0, R0, #0
        AND     R2, R2, #0
        ADD     R2, R2, #4              ; bits
HEX_BIT ADD     R0, R0, R0
        ADD     R1, R1, #0
        BRzp    HEX_ZERO
        ADD     R0, R0, #1
HEX_ZERO
        ADD     R1, R1, R1
        ADD     R2, R2, #-1
        BRp     HEX_BIT
        ADD     R2, R0, #-10
        BRn     HEX_SHOW
        ADD     R0, R0, #7              ; 'A' - '0' - 10
HEX_SHOW
        LD      R2, ZERO
        ADD     R0, R0, R2
        OUT
        ADD     R3, R3, #-1
        BRp     HEX_DIGIT
        LD      R7, HEX_BACK
        RET
HEX_BACK .BLKW 1

GOOD     .STRINGZ "consumer: "
GOOD_END .STRINGZ " messages, all in order\n"
BAD      .STRINGZ "consumer: wrong message x"
BAD_END  .STRINGZ "\n"
        .END
