; book.asm -- second stage of a pipeline: the top of the book of each symbol.
;
;   lc3run --nic=pcap:FILE,rate=max examples/nic/quotes.asm examples/nic/book.asm
;
; Takes the records of quotes.asm.  When the feed has ended, prints for each symbol
; that ever had a price, in the order in which they came: how many such quotes, its
; highest bid and its lowest ask, in ten-thousandths; 0 is none.

        .ORIG   x3000
        .EXTERNAL BUS_RECV_BLOCK
        .EXTERNAL COMPARE32_U
        .EXTERNAL LONG_PRINT

NEXT
        LEA     R0, RECORD
        AND     R1, R1, #0
        ADD     R1, R1, #8
        JSR     BUS_RECV_BLOCK
        ADD     R1, R1, #-8
        BRn     REPORT
        JSR     FIND
        BRz     NEXT                    ; no room
        LDR     R0, R4, #4              ; one quote more
        ADD     R0, R0, #1
        STR     R0, R4, #4
        BRnp    BID
        LDR     R0, R4, #5
        ADD     R0, R0, #1
        STR     R0, R4, #5
BID                                     ; higher than the highest?
        LD      R0, RECORD_BID
        LD      R1, RECORD_BID_HIGH
        LDR     R2, R4, #6
        LDR     R3, R4, #7
        JSR     COMPARE32_U
        BRnz    ASK
        LD      R0, RECORD_BID
        STR     R0, R4, #6
        STR     R1, R4, #7
ASK                                     ; lower than the lowest?  0 is none, so the
        LD      R0, RECORD_ASK          ; comparison is by what is 1 less
        LD      R1, RECORD_ASK_HIGH
        JSR     LESS_ONE
        ST      R0, ASK_LOW
        ST      R1, ASK_HIGH
        LDR     R0, R4, #8
        LDR     R1, R4, #9
        JSR     LESS_ONE
        ADD     R2, R0, #0
        ADD     R3, R1, #0
        LD      R0, ASK_LOW
        LD      R1, ASK_HIGH
        JSR     COMPARE32_U
        BRzp    NEXT
        LD      R0, RECORD_ASK
        STR     R0, R4, #8
        LD      R0, RECORD_ASK_HIGH
        STR     R0, R4, #9
        BR      NEXT

; LESS_ONE: R1:R0 less 1; 0 becomes the largest number.
LESS_ONE
        ADD     R0, R0, #0
        BRnp    LESS_LOW
        ADD     R1, R1, #-1
LESS_LOW
        ADD     R0, R0, #-1
        RET

; FIND: the entry of the record's symbol, made if need be.
;   out  R4: the entry, 0 when there is none (then CC is Z)    changes  R0 to R3, R5
FIND
        LD      R4, TABLE
        LD      R5, USED
        BRz     FIND_NEW
FIND_ENTRY
        LDR     R0, R4, #0
        LD      R1, RECORD
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R0, R0, R1
        BRnp    FIND_NEXT
        LDR     R0, R4, #1
        LD      R1, RECORD_1
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R0, R0, R1
        BRnp    FIND_NEXT
        LDR     R0, R4, #2
        LD      R1, RECORD_2
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R0, R0, R1
        BRnp    FIND_NEXT
        LDR     R0, R4, #3
        LD      R1, RECORD_3
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R0, R0, R1
        BRz     FIND_END
FIND_NEXT
        LD      R0, ENTRY_WORDS
        ADD     R4, R4, R0
        ADD     R5, R5, #-1
        BRp     FIND_ENTRY
FIND_NEW
        LD      R5, USED                ; the table ends where memory for it does
        LD      R0, MINUS_ENTRIES
        ADD     R0, R5, R0
        BRzp    FIND_NONE
        ADD     R5, R5, #1
        ST      R5, USED
        LD      R0, RECORD
        STR     R0, R4, #0
        LD      R0, RECORD_1
        STR     R0, R4, #1
        LD      R0, RECORD_2
        STR     R0, R4, #2
        LD      R0, RECORD_3
        STR     R0, R4, #3
FIND_END
        ADD     R4, R4, #0
        RET
FIND_NONE
        AND     R4, R4, #0
        RET

REPORT
        LD      R4, TABLE
        LD      R5, USED
        BRz     DONE
REPORT_SYMBOL
        LDR     R0, R4, #0              ; a packed string: four words and a zero
        ST      R0, RECORD
        LDR     R0, R4, #1
        ST      R0, RECORD_1
        LDR     R0, R4, #2
        ST      R0, RECORD_2
        LDR     R0, R4, #3
        ST      R0, RECORD_3
        AND     R0, R0, #0
        ST      R0, RECORD_BID
        LEA     R0, RECORD
        PUTSP
        LDR     R0, R4, #4
        LDR     R1, R4, #5
        JSR     SAY
        LDR     R0, R4, #6
        LDR     R1, R4, #7
        JSR     SAY
        LDR     R0, R4, #8
        LDR     R1, R4, #9
        JSR     SAY
        LD      R0, NEWLINE
        OUT
        LD      R0, ENTRY_WORDS
        ADD     R4, R4, R0
        ADD     R5, R5, #-1
        BRp     REPORT_SYMBOL
DONE
        HALT

; SAY: prints a space and the number R1:R0.
SAY
        ST      R0, SAY_R0
        ST      R7, SAY_R7
        LD      R0, SPACE
        OUT
        LD      R0, SAY_R0
        JSR     LONG_PRINT
        LD      R7, SAY_R7
        LD      R0, SAY_R0
        RET

SAY_R0  .BLKW   1
SAY_R7  .BLKW   1
ASK_LOW .BLKW   1
ASK_HIGH .BLKW  1
SPACE   .FILL   x20
NEWLINE .FILL   #10
USED    .BLKW   1
ENTRY_WORDS .FILL #10                   ; symbol 4, quotes 2, bid 2, ask 2
MINUS_ENTRIES .FILL #-2000
TABLE   .FILL   x8000
RECORD  .BLKW   1
RECORD_1 .BLKW  1
RECORD_2 .BLKW  1
RECORD_3 .BLKW  1
RECORD_BID .BLKW 1
RECORD_BID_HIGH .BLKW 1
RECORD_ASK .BLKW 1
RECORD_ASK_HIGH .BLKW 1
        .END
