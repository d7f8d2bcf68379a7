; bus.asm -- more than a word at a time over port 0 of the ring bus.
;
; The TRAPs underneath wait while the ring is full or empty; when the other side
; has ended they end the program.

        .GLOBAL BUS_SEND_BLOCK
        .GLOBAL BUS_RECV_BLOCK
        .GLOBAL BUS_SEND_STRING
        .GLOBAL BUS_RECV_STRING
        .GLOBAL BUS_SEND32
        .GLOBAL BUS_RECV32

; BUS_SEND_BLOCK: sends all words of a block.
;   in       R0: the block, R1: words, unsigned
;   changes  nothing
BUS_SEND_BLOCK
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R7, SAVE_R7
        ADD     R2, R1, #0              ; words still to go
        BRz     SEND_BLOCK_END
SEND_BLOCK_PART
        ADD     R1, R2, #0
        TRAP    x36                     ; SENDN: R1 words left at once
        ADD     R0, R0, R1
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R2, R2, R1
        BRnp    SEND_BLOCK_PART
SEND_BLOCK_END
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R7, SAVE_R7
        RET

; BUS_RECV_BLOCK: receives exactly as many words as asked for.
;   in       R0: room for them, R1: words, unsigned
;   out      R1: words received, fewer than asked for only when the other side ended
;   changes  R1
BUS_RECV_BLOCK
        ST      R0, SAVE_R0
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R7, SAVE_R7
        ADD     R2, R1, #0              ; words still to come
        AND     R3, R3, #0              ; words here
        ADD     R2, R2, #0
        BRz     RECV_BLOCK_END
RECV_BLOCK_PART
        ADD     R1, R2, #0
        TRAP    x37                     ; RECVN: at least one, 0 when closed
        ADD     R1, R1, #0
        BRz     RECV_BLOCK_END
        ADD     R0, R0, R1
        ADD     R3, R3, R1
        NOT     R1, R1
        ADD     R1, R1, #1
        ADD     R2, R2, R1
        BRnp    RECV_BLOCK_PART
RECV_BLOCK_END
        ADD     R1, R3, #0
        LD      R0, SAVE_R0
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R7, SAVE_R7
        RET

; BUS_SEND_STRING: sends a text with its x0000.
;   in       R0: text
;   changes  nothing
BUS_SEND_STRING
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R7, SAVE_R7
        ADD     R1, R0, #0
SEND_STRING_NEXT
        LDR     R0, R1, #0
        TRAP    x30                     ; SEND
        ADD     R1, R1, #1
        ADD     R0, R0, #0
        BRnp    SEND_STRING_NEXT
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R7, SAVE_R7
        RET

; BUS_RECV_STRING: receives a text up to its x0000; what does not fit is dropped.
;   in       R0: room for it, R1: words of room, at least 1
;   out      R1: characters stored, without the x0000
;   changes  R1
BUS_RECV_STRING
        ST      R0, SAVE_R0
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R7, SAVE_R7
        ADD     R2, R0, #0              ; where the next goes
        ADD     R3, R1, #-1             ; room beside the x0000
RECV_STRING_NEXT
        TRAP    x31                     ; RECV
        ADD     R0, R0, #0
        BRz     RECV_STRING_END
        ADD     R3, R3, #0
        BRz     RECV_STRING_NEXT
        STR     R0, R2, #0
        ADD     R2, R2, #1
        ADD     R3, R3, #-1
        BR      RECV_STRING_NEXT
RECV_STRING_END
        STR     R0, R2, #0
        LD      R0, SAVE_R0
        NOT     R1, R0
        ADD     R1, R1, #1
        ADD     R1, R1, R2
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R7, SAVE_R7
        RET

; BUS_SEND32: sends a 32-bit number, high word first.
;   in       R1:R0: the number
;   changes  nothing
BUS_SEND32
        ST      R0, SAVE_R0
        ST      R7, SAVE_R7
        ADD     R0, R1, #0
        TRAP    x30
        LD      R0, SAVE_R0
        TRAP    x30
        LD      R7, SAVE_R7
        RET

; BUS_RECV32: receives a 32-bit number.
;   out      R1:R0: the number
;   changes  R0, R1
BUS_RECV32
        ST      R7, SAVE_R7
        TRAP    x31
        ADD     R1, R0, #0
        TRAP    x31
        LD      R7, SAVE_R7
        RET
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R7 .BLKW 1
        .END
