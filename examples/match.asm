; match.asm -- second stage of a matching pipeline: an order book.
;
; Orders come from orders.asm.  Each either meets the best order of the other side,
; then the price of the one that waited goes to trades.asm, or waits in the book.
; BIDS and OFFERS count the waiting orders of each price.
        .ORIG x3000
NEXT    TRAP    x31                     ; RECV: an order
        BRz     END
        BRn     SELL

; A bid at R0 meets the lowest offer at or below it.
        LEA     R2, OFFERS
        ADD     R1, R0, #1              ; prices 0 to R0
BUY_LOOK
        LDR     R3, R2, #0
        BRp     TRADE_OFFER
        ADD     R2, R2, #1
        ADD     R1, R1, #-1
        BRp     BUY_LOOK
        LD      R2, BIDS_AT             ; nobody sells that low: it waits
        ADD     R2, R2, R0
        BR      WAIT
TRADE_OFFER
        ADD     R3, R3, #-1
        STR     R3, R2, #0
        ADD     R4, R0, #1              ; its price is R0 + 1 - R1
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R0, R4, R1
        BR      TELL

; An offer meets the highest bid at or above it.
SELL    LD      R1, PRICE
        AND     R0, R0, R1
        LD      R1, HIGHEST
        LD      R2, BIDS_AT
        ADD     R2, R2, R1
        NOT     R4, R0
        ADD     R4, R4, #1              ; minus the price
SELL_LOOK
        LDR     R3, R2, #0
        BRp     TRADE_BID
        ADD     R2, R2, #-1
        ADD     R1, R1, #-1
        ADD     R3, R1, R4
        BRzp    SELL_LOOK
        LEA     R2, OFFERS
        ADD     R2, R2, R0
WAIT    LDR     R3, R2, #0
        ADD     R3, R3, #1
        STR     R3, R2, #0
        BR      NEXT
TRADE_BID
        ADD     R3, R3, #-1
        STR     R3, R2, #0
        ADD     R0, R1, #0
TELL    TRAP    x30                     ; SEND: the price of a trade
        BR      NEXT

END     LD      R0, LAST
        TRAP    x30
        HALT
PRICE   .FILL x003F
HIGHEST .FILL 63
LAST    .FILL xFFFF
BIDS_AT .FILL BIDS
OFFERS  .BLKW 64
BIDS    .BLKW 64
        .END
