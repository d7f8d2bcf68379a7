; quotes.asm -- first stage of a pipeline: the quotes of an IEX TOPS feed go on.
;
;   lc3run --nic=pcap:FILE,rate=max examples/nic/quotes.asm examples/nic/book.asm
;
; For every quote update that has a price, or takes one away, eight words leave on
; port 0: the symbol (four words, the first character in the low byte), the bid
; and the ask in ten-thousandths (two words each, the low one first; 0 is none).

        .ORIG   x3000
        .EXTERNAL NIC_UDP

NEXT
        LD      R0, FRAME
        LD      R1, ROOM
        TRAP    x38                     ; NICRX
        ADD     R1, R1, #0
        BRz     DONE
        LD      R0, FRAME
        JSR     NIC_UDP                 ; R0: data, R1: bytes
        LD      R2, MINUS_HEADER
        ADD     R2, R1, R2
        BRn     NEXT
        ADD     R5, R0, #0
        LDR     R0, R5, #7
        JSR     SWAP
        ADD     R3, R0, #0              ; R3: messages to come
        BRz     NEXT
        LD      R0, HEADER_WORDS
        ADD     R5, R5, R0
        AND     R4, R4, #0
        BR      MESSAGE
DONE
        HALT

; R5: the word in which a message's length begins, R4: 1 when with its low byte.
MESSAGE
        LDR     R0, R5, #0
        LDR     R1, R5, #1
        ADD     R4, R4, #0
        BRz     MESSAGE_TYPE
        JSR     RAISE
        ADD     R7, R0, #0
        ADD     R0, R1, #0
        ADD     R1, R7, #0
        JSR     RAISE
        ADD     R7, R0, #0
        ADD     R0, R1, #0
        ADD     R1, R7, #0
MESSAGE_TYPE                            ; length and type in the high bytes of R0, R1
        LD      R2, HIGH_BYTE
        AND     R0, R0, R2
        ST      R0, LENGTH
        AND     R1, R1, R2
        LD      R2, MINUS_QUOTE
        ADD     R1, R1, R2
        BRnp    MESSAGE_SKIP
        JSR     QUOTE
MESSAGE_SKIP
        LD      R0, LENGTH              ; R5 += 1 + half of it, R4 += its lowest bit
        LD      R1, LOWEST_LENGTH
        AND     R1, R0, R1
        BRz     MESSAGE_EVEN
        ADD     R4, R4, #1
MESSAGE_EVEN
        AND     R1, R1, #0
        ADD     R2, R1, #7
MESSAGE_BIT
        ADD     R1, R1, R1
        ADD     R0, R0, #0
        BRzp    MESSAGE_ZERO
        ADD     R1, R1, #1
MESSAGE_ZERO
        ADD     R0, R0, R0
        ADD     R2, R2, #-1
        BRp     MESSAGE_BIT
        ADD     R5, R5, R1
        ADD     R5, R5, #1
        ADD     R1, R4, #-2
        BRn     MESSAGE_NEXT
        ADD     R5, R5, #1
        AND     R4, R4, #0
MESSAGE_NEXT
        ADD     R3, R3, #-1
        BRp     MESSAGE
        BR      NEXT

; QUOTE: sends what book.asm wants of the quote behind the length at R5, R4.
;   changes  R0, R1, R2
QUOTE
        ST      R5, QUOTE_R5
        ST      R7, QUOTE_R7
        ADD     R5, R5, #1              ; an even message begins here
        ADD     R4, R4, #0
        BRz     QUOTE_EVEN
        JSR     ALIGN
        LD      R5, ALIGNED
QUOTE_EVEN
        LEA     R2, RECORD
        LDR     R0, R5, #5              ; the symbol
        JSR     SWAP
        STR     R0, R2, #0
        LDR     R0, R5, #6
        JSR     SWAP
        STR     R0, R2, #1
        LDR     R0, R5, #7
        JSR     SWAP
        STR     R0, R2, #2
        LDR     R0, R5, #8
        JSR     SWAP
        STR     R0, R2, #3
        LDR     R0, R5, #11             ; the bid
        JSR     SWAP
        STR     R0, R2, #4
        LDR     R0, R5, #12
        JSR     SWAP
        STR     R0, R2, #5
        LDR     R0, R5, #15             ; the ask
        JSR     SWAP
        STR     R0, R2, #6
        LDR     R0, R5, #16
        JSR     SWAP
        STR     R0, R2, #7
        LEA     R0, RECORD
QUOTE_SEND
        LEA     R1, RECORD_END
        NOT     R2, R0
        ADD     R2, R2, #1
        ADD     R1, R1, R2              ; words that are left
        BRz     QUOTE_SENT
        TRAP    x36                     ; SENDN: R1 words have gone
        ADD     R0, R0, R1
        BR      QUOTE_SEND
QUOTE_SENT
        LD      R5, QUOTE_R5
        LD      R7, QUOTE_R7
        RET

; ALIGN: the 21 words of a quote that begins with the low byte of the word at R5,
; moved to ALIGN_ROOM so that it begins with a high byte.  Exchanging the bytes of
; the words one after the other gives each half where it is needed.
;   changes  R0, R1, R2
ALIGN
        ST      R3, ALIGN_R3
        ST      R4, ALIGN_R4
        ST      R5, ALIGN_R5
        ST      R7, ALIGN_R7
        LD      R4, ALIGNED
        AND     R3, R3, #0
        ADD     R3, R3, #15
        ADD     R3, R3, #6
        LDR     R0, R5, #0
        JSR     SWAP
ALIGN_WORD
        LD      R2, HIGH_BYTE
        AND     R2, R0, R2              ; what was the low byte, now the high one
        ST      R2, HALF
        LDR     R0, R5, #1
        JSR     SWAP
        LD      R1, LOW_BYTE
        AND     R1, R0, R1
        LD      R2, HALF
        ADD     R1, R1, R2
        STR     R1, R4, #0
        ADD     R4, R4, #1
        ADD     R5, R5, #1
        ADD     R3, R3, #-1
        BRp     ALIGN_WORD
        LD      R3, ALIGN_R3
        LD      R4, ALIGN_R4
        LD      R5, ALIGN_R5
        LD      R7, ALIGN_R7
        RET

; RAISE: R0 <<= 8.
RAISE
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        ADD     R0, R0, R0
        RET

; SWAP: exchanges the bytes of R0.
;   changes  R1
SWAP
        AND     R1, R1, #0
        ADD     R1, R1, #8
SWAP_BIT
        ADD     R0, R0, #0
        BRn     SWAP_ONE
        ADD     R0, R0, R0
        ADD     R1, R1, #-1
        BRp     SWAP_BIT
        RET
SWAP_ONE
        ADD     R0, R0, R0
        ADD     R0, R0, #1
        ADD     R1, R1, #-1
        BRp     SWAP_BIT
        RET

FRAME   .FILL   x8000
ROOM    .FILL   #1024
ALIGNED .FILL   ALIGN_ROOM
MINUS_HEADER .FILL #-40
HEADER_WORDS .FILL #20
HIGH_BYTE .FILL xFF00
LOW_BYTE .FILL  x00FF
LOWEST_LENGTH .FILL x0100
MINUS_QUOTE .FILL x-5100                ; 'Q'
LENGTH  .BLKW   1
HALF    .BLKW   1
QUOTE_R5 .BLKW  1
QUOTE_R7 .BLKW  1
ALIGN_R3 .BLKW  1
ALIGN_R4 .BLKW  1
ALIGN_R5 .BLKW  1
ALIGN_R7 .BLKW  1
RECORD  .BLKW   8
RECORD_END
ALIGN_ROOM .BLKW 21
        .END
