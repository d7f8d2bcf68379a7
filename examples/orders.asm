; orders.asm -- first stage of a matching pipeline: makes up orders.
;
;     lc3as orders.asm match.asm trades.asm
;     lc3run --stats orders.obj match.obj trades.obj
;
; An order is one word: bit 15 is set when it sells, bits [5:0] are its price.
; Quantities are 1.  Bids lie in 1 to 40 and offers in 24 to 63, so they overlap.
; Zero ends the stream.
        .ORIG x3000
        LD      R2, COUNT
        LD      R3, SEED
NEXT    JSR     RANDOM
        LD      R1, PRICE_MASK
        AND     R0, R3, R1              ; 0 to 31
        AND     R1, R3, #8              ; and 0 or 8
        ADD     R0, R0, R1
        ADD     R0, R0, #1              ; never zero: that ends the stream
        ADD     R3, R3, #0
        BRzp    SEND
        LD      R1, OFFER               ; sells: 23 higher, bit 15 set
        ADD     R0, R0, R1
SEND    TRAP    x30
        ADD     R2, R2, #-1
        BRp     NEXT
        AND     R0, R0, #0
        TRAP    x30
        HALT

; The next state of a shift register in R3: shifts left, and feeds back x002D when
; a one falls out.  Changes R0.
RANDOM  ADD     R0, R3, #0
        BRn     FEED
        ADD     R3, R3, R3
        RET
FEED    ADD     R3, R3, R3
        LD      R1, TAPS                ; R3 xor TAPS = (R3 or TAPS) - (R3 and TAPS)
        AND     R0, R3, R1
        NOT     R4, R3
        NOT     R5, R1
        AND     R4, R4, R5
        NOT     R4, R4
        NOT     R0, R0
        ADD     R0, R0, #1
        ADD     R3, R4, R0
        RET

COUNT   .FILL 20000
SEED    .FILL xACE1
TAPS    .FILL x002D
PRICE_MASK .FILL x001F
OFFER   .FILL x8017
        .END
