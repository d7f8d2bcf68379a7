; quotes.asm -- first stage of a pipeline: the quotes of an IEX TOPS feed go on.
;
;   lc3run --nic=pcap:FILE,rate=max examples/nic/quotes.asm examples/nic/book.asm
;
; For every quote update that has a price, eight words leave on port 0: the symbol
; (four words, the first character in the low byte), the bid and the ask in
; ten-thousandths (two words each, the low one first; 0 is none).
;
; Messages follow each other without padding, so half of them begin in the middle
; of a word.  There are two loops, one for either kind; a message of odd length
; leads from one into the other.  Fields have their low byte first: in a message
; that begins with a low byte they are half of one word and half of the next, as
; they stand; in the other kind the bytes of each word have to be exchanged.

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
        BR      EVEN
DONE
        HALT

; R5: the word that is a message's length, below 256, in its high byte.
EVEN_NEXT
        ADD     R3, R3, #-1
        BRz     NEXT
        LD      R2, MINUS_END
        ADD     R2, R5, R2
        BRzp    NEXT                    ; more messages than fit
EVEN
        LDR     R0, R5, #0
        LD      R2, EVEN_42
        ADD     R2, R0, R2
        BRz     EVEN_QUOTE
        LD      R2, EVEN_22             ; the frequent ones by themselves
        ADD     R2, R0, R2
        BRz     EVEN_STATUS
        LD      R2, EVEN_18
        ADD     R2, R0, R2
        BRz     EVEN_HALT
        JSR     HALVE                   ; R1: half of it, R2: its lowest bit
        ADD     R5, R5, R1
        ADD     R5, R5, #1
        ADD     R2, R2, #0
        BRz     EVEN_NEXT
        BR      ODD_NEXT
EVEN_STATUS
        ADD     R5, R5, #12
        BR      EVEN_NEXT
EVEN_HALT
        ADD     R5, R5, #10
        BR      EVEN_NEXT
EVEN_QUOTE
        LDR     R1, R5, #1              ; type, flags
        LD      R2, HIGH_BYTE
        AND     R1, R1, R2
        LD      R2, EVEN_Q
        ADD     R1, R1, R2
        BRnp    EVEN_SKIP
        LDR     R0, R5, #12             ; bid and ask, 32 bits of each
        BRnp    EVEN_PRICE
        LDR     R0, R5, #13
        BRnp    EVEN_PRICE
        LDR     R0, R5, #16
        BRnp    EVEN_PRICE
        LDR     R0, R5, #17
        BRz     EVEN_SKIP
EVEN_PRICE
        LEA     R2, RECORD
        LDR     R0, R5, #6
        JSR     SWAP
        STR     R0, R2, #0
        LDR     R0, R5, #7
        JSR     SWAP
        STR     R0, R2, #1
        LDR     R0, R5, #8
        JSR     SWAP
        STR     R0, R2, #2
        LDR     R0, R5, #9
        JSR     SWAP
        STR     R0, R2, #3
        LDR     R0, R5, #12
        JSR     SWAP
        STR     R0, R2, #4
        LDR     R0, R5, #13
        JSR     SWAP
        STR     R0, R2, #5
        LDR     R0, R5, #16
        JSR     SWAP
        STR     R0, R2, #6
        LDR     R0, R5, #17
        JSR     SWAP
        STR     R0, R2, #7
        JSR     SEND
EVEN_SKIP
        LD      R0, QUOTE_WORDS
        ADD     R5, R5, R0
        BR      EVEN_NEXT

; R5: the word whose low byte is a message's length.
ODD_NEXT
        ADD     R3, R3, #-1
        BRz     NEXT
        LD      R2, MINUS_END
        ADD     R2, R5, R2
        BRzp    NEXT                    ; more messages than fit
        LDR     R0, R5, #0
        LD      R2, LOW_BYTE
        AND     R0, R0, R2
        LD      R2, ODD_42
        ADD     R2, R0, R2
        BRz     ODD_QUOTE
        LD      R2, ODD_22
        ADD     R2, R0, R2
        BRz     ODD_STATUS
        LD      R2, ODD_18
        ADD     R2, R0, R2
        BRz     ODD_HALT
        JSR     RAISE
        JSR     HALVE
        ADD     R5, R5, R1
        ADD     R5, R5, #1
        ADD     R2, R2, #0
        BRz     ODD_NEXT
        ADD     R5, R5, #1
        BR      EVEN_NEXT
ODD_STATUS
        ADD     R5, R5, #12
        BR      ODD_NEXT
ODD_HALT
        ADD     R5, R5, #10
        BR      ODD_NEXT
ODD_QUOTE
        LD      R4, LOW_BYTE
        LDR     R1, R5, #1              ; the type is its low byte
        AND     R1, R1, R4
        LD      R2, ODD_Q
        ADD     R1, R1, R2
        BRnp    ODD_SKIP
        LD      R2, HIGH_BYTE
        LDR     R0, R5, #12             ; bid
        AND     R0, R0, R4
        BRnp    ODD_PRICE
        LDR     R0, R5, #13
        BRnp    ODD_PRICE
        LDR     R0, R5, #14
        AND     R0, R0, R2
        BRnp    ODD_PRICE
        LDR     R0, R5, #16             ; ask
        AND     R0, R0, R4
        BRnp    ODD_PRICE
        LDR     R0, R5, #17
        BRnp    ODD_PRICE
        LDR     R0, R5, #18
        AND     R0, R0, R2
        BRz     ODD_SKIP
ODD_PRICE
        LEA     R1, RECORD
        ADD     R0, R5, #6
        JSR     TWO_WORDS               ; the symbol
        JSR     TWO_WORDS
        ADD     R0, R0, #2
        JSR     TWO_WORDS               ; the bid
        ADD     R0, R0, #2
        JSR     TWO_WORDS               ; the ask
        JSR     SEND
ODD_SKIP
        LD      R0, QUOTE_WORDS
        ADD     R5, R5, R0
        BR      ODD_NEXT

; TWO_WORDS: two words that begin with the low byte at R0 go to R1.
;   in   R2: xFF00, R4: x00FF    out  R0, R1: behind them    changes  R6
TWO_WORDS
        ST      R7, WORDS_R7
        LDR     R6, R0, #0
        AND     R6, R6, R4
        LDR     R7, R0, #1
        AND     R7, R7, R2
        ADD     R6, R6, R7
        STR     R6, R1, #0
        LDR     R6, R0, #1
        AND     R6, R6, R4
        LDR     R7, R0, #2
        AND     R7, R7, R2
        ADD     R6, R6, R7
        STR     R6, R1, #1
        ADD     R0, R0, #2
        ADD     R1, R1, #2
        LD      R7, WORDS_R7
        RET

; SEND: the record goes to port 0.
;   changes  R0, R1, R2
SEND
        LEA     R0, RECORD
SEND_PART
        LEA     R1, RECORD_END
        NOT     R2, R0
        ADD     R2, R2, #1
        ADD     R1, R1, R2              ; words that are left
        BRz     SEND_END
        TRAP    x36                     ; SENDN: R1 words have gone
        ADD     R0, R0, R1
        BR      SEND_PART
SEND_END
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

; HALVE: what is in the high byte of R0.
;   out      R1: half of it, R2: its lowest bit, as one of a word    changes  R0
HALVE
        ST      R3, HALVE_R3
        LD      R2, HALVE_BIT
        AND     R2, R0, R2
        AND     R1, R1, #0
        ADD     R3, R1, #7
HALVE_NEXT
        ADD     R1, R1, R1
        ADD     R0, R0, #0
        BRzp    HALVE_ZERO
        ADD     R1, R1, #1
HALVE_ZERO
        ADD     R0, R0, R0
        ADD     R3, R3, #-1
        BRp     HALVE_NEXT
        LD      R3, HALVE_R3
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
MINUS_END .FILL x7C00                 ; -(FRAME + ROOM)
MINUS_HEADER .FILL #-40
HEADER_WORDS .FILL #20
HIGH_BYTE .FILL xFF00
LOW_BYTE .FILL  x00FF
EVEN_42 .FILL   x-2A00
EVEN_22 .FILL   x-1600
EVEN_18 .FILL   x-1200
EVEN_Q  .FILL   x-5100                  ; 'Q'
ODD_42  .FILL   #-42
ODD_22  .FILL   #-22
ODD_18  .FILL   #-18
ODD_Q   .FILL   x-51
QUOTE_WORDS .FILL #22                   ; with its length
HALVE_BIT .FILL x0100
HALVE_R3 .BLKW  1
WORDS_R7 .BLKW  1
RECORD  .BLKW   8
RECORD_END
        .END
