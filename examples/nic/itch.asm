; itch.asm -- counts the messages of a MoldUDP64 feed (NASDAQ ITCH 5.0) by type.
;
;   lc3run --nic=pcap:FILE,rate=max examples/nic/itch.asm
;
; A packet is a session of ten bytes, the number of its first message (64 bits), how
; many it has, and the messages, each behind its length.  All fields have their
; high byte first, so at even places they are words as they stand.

        .ORIG   x3000
        .EXTERNAL NIC_UDP
        .EXTERNAL ADD32
        .EXTERNAL SUB32
        .EXTERNAL LONG_PRINT

NEXT
        LD      R0, FRAME
        LD      R1, ROOM
        TRAP    x38                     ; NICRX
        ADD     R1, R1, #0
        BRz     TO_REPORT
        LD      R0, FRAME
        JSR     NIC_UDP                 ; R0: data, R1: bytes
        LD      R2, MINUS_HEADER
        ADD     R2, R1, R2
        BRn     NEXT                    ; no UDP, or no MoldUDP64
        ADD     R5, R0, #0
        LEA     R1, PACKETS
        JSR     COUNT
        LDR     R3, R5, #9              ; messages to come
        BRz     HEARTBEAT
        ADD     R0, R3, #1
        BRz     NEXT                    ; xFFFF: the session ends
        JSR     SEQUENCE
        ADD     R5, R5, #10
        AND     R4, R4, #0
        BR      MESSAGE
HEARTBEAT
        LEA     R1, HEARTBEATS
        JSR     COUNT
        BR      NEXT
TO_REPORT
        LD      R0, REPORT_AT
        JMP     R0

; R5: the word in which a message's length begins, R4: 1 when with its low byte.
; The length, below 256 for every message of ITCH, and the type go into the high
; byte of a word.
MESSAGE
        LDR     R0, R5, #0
        LDR     R1, R5, #1
        ADD     R4, R4, #0
        BRnp    MESSAGE_ODD
        JSR     RAISE                   ; the length is all of R0
        BR      MESSAGE_TYPE
MESSAGE_ODD
        ADD     R0, R1, #0              ; the length ends in R1's high byte,
        ADD     R1, R1, R1              ; the type is its low one
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
MESSAGE_TYPE
        LD      R2, HIGH_BYTE
        AND     R0, R0, R2
        AND     R1, R1, R2
        ST      R0, LENGTH
        JSR     COUNT_TYPE
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
        LD      R2, MINUS_END
        ADD     R2, R5, R2
        BRzp    NEXT                    ; more messages than fit
        ADD     R3, R3, #-1
        BRnp    MESSAGE
        BR      NEXT

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

; COUNT: adds 1 to the 32 bits at R1, low word first.
;   changes  R0
COUNT
        LDR     R0, R1, #0
        ADD     R0, R0, #1
        STR     R0, R1, #0
        BRnp    COUNT_END
        LDR     R0, R1, #1
        ADD     R0, R0, #1
        STR     R0, R1, #1
COUNT_END
        RET

; COUNT_TYPE: counts the type in the high byte of R1.
;   changes  R0, R1, R2
COUNT_TYPE
        ST      R3, TYPE_R3
        ST      R7, TYPE_R7
        NOT     R3, R1
        ADD     R3, R3, #1
        LEA     R2, TYPES
TYPE_LOOK
        LDR     R0, R2, #0
        BRz     TYPE_FOUND              ; the last entry: any other
        ADD     R0, R0, R3
        BRz     TYPE_FOUND
        ADD     R2, R2, #3
        BR      TYPE_LOOK
TYPE_FOUND
        ADD     R1, R2, #1
        JSR     COUNT
        LEA     R1, MESSAGE_COUNT
        JSR     COUNT
        LD      R3, TYPE_R3
        LD      R7, TYPE_R7
        RET

; SEQUENCE: compares the number of the packet at R5 with the expected one, by its
; low 32 bits.  R3 has the packet's messages and keeps them.
;   changes  R0, R1, R2
SEQUENCE
        ST      R3, SEQUENCE_R3
        ST      R7, SEQUENCE_R7
        LD      R0, PACKETS             ; the first packet is where we start
        ADD     R0, R0, #-1
        BRz     SEQUENCE_NEW
        LDR     R0, R5, #8
        LDR     R1, R5, #7
        LD      R2, EXPECTED
        LD      R3, EXPECTED_HIGH
        JSR     SUB32
        ADD     R2, R0, #0
        BRnp    SEQUENCE_OTHER
        ADD     R2, R1, #0
        BRnp    SEQUENCE_OTHER
SEQUENCE_NEW                            ; EXPECTED = this one + its messages
        LDR     R0, R5, #8
        LDR     R1, R5, #7
        LD      R2, SEQUENCE_R3
        AND     R3, R3, #0
        JSR     ADD32
        ST      R0, EXPECTED
        ST      R1, EXPECTED_HIGH
SEQUENCE_END
        LD      R3, SEQUENCE_R3
        LD      R7, SEQUENCE_R7
        RET
SEQUENCE_OTHER                          ; R1:R0 is how far it is off
        ADD     R1, R1, #0
        BRn     SEQUENCE_LATE
        LD      R2, MISSING
        LD      R3, MISSING_HIGH
        JSR     ADD32
        ST      R0, MISSING
        ST      R1, MISSING_HIGH
        LEA     R1, GAPS
        JSR     COUNT
        BR      SEQUENCE_NEW
SEQUENCE_LATE
        LEA     R1, LATE
        JSR     COUNT
        BR      SEQUENCE_END

FRAME   .FILL   x8000
ROOM    .FILL   #1024
MINUS_END .FILL x7C00                 ; -(FRAME + ROOM)
REPORT_AT .FILL REPORT
MINUS_HEADER .FILL #-20
HIGH_BYTE .FILL xFF00
LOWEST_LENGTH .FILL x0100
LENGTH  .BLKW   1
EXPECTED .BLKW  1
EXPECTED_HIGH .BLKW 1
TYPE_R3 .BLKW   1
TYPE_R7 .BLKW   1
SEQUENCE_R3 .BLKW 1
SEQUENCE_R7 .BLKW 1

; Counts, 32 bits each, low word first.
PACKETS .BLKW   2
HEARTBEATS .BLKW 2
MESSAGE_COUNT .BLKW 2
GAPS    .BLKW   2
MISSING .BLKW   1
MISSING_HIGH .BLKW 1
LATE    .BLKW   2
TYPES   .FILL   x4100                   ; 'A' add order
        .BLKW   2
        .FILL   x4600                   ; 'F' add order with attribution
        .BLKW   2
        .FILL   x4500                   ; 'E' order executed
        .BLKW   2
        .FILL   x4300                   ; 'C' order executed with price
        .BLKW   2
        .FILL   x5800                   ; 'X' order cancel
        .BLKW   2
        .FILL   x4400                   ; 'D' order delete
        .BLKW   2
        .FILL   x5500                   ; 'U' order replace
        .BLKW   2
        .FILL   x5000                   ; 'P' trade
        .BLKW   2
        .FILL   x4900                   ; 'I' net order imbalance
        .BLKW   2
        .FILL   x4C00                   ; 'L' market participant position
        .BLKW   2
        .FILL   x4800                   ; 'H' stock trading action
        .BLKW   2
        .FILL   x5200                   ; 'R' stock directory
        .BLKW   2
        .FILL   x5300                   ; 'S' system event
        .BLKW   2
        .FILL   x0000                   ; others
        .BLKW   2
LETTERS .STRINGZ "AFECXDUPILHRS?"

REPORT
        LEA     R0, SAY_PACKETS
        LEA     R1, PACKETS
        JSR     SAY
        LEA     R0, SAY_HEARTBEATS
        LEA     R1, HEARTBEATS
        JSR     SAY
        LEA     R0, SAY_MESSAGES
        LEA     R1, MESSAGE_COUNT
        JSR     SAY
        LEA     R0, SAY_GAPS
        LEA     R1, GAPS
        JSR     SAY
        LEA     R0, SAY_MISSING
        LEA     R1, MISSING
        JSR     SAY
        LEA     R0, SAY_LATE
        LEA     R1, LATE
        JSR     SAY
        LEA     R3, LETTERS
        LEA     R4, TYPES
REPORT_TYPE
        LDR     R0, R3, #0
        BRz     DONE
        ST      R0, LETTER
        LDR     R1, R4, #1              ; only types that came
        LDR     R2, R4, #2
        BRnp    REPORT_ONE
        ADD     R1, R1, #0
        BRz     REPORT_NEXT
REPORT_ONE
        LEA     R0, LETTER
        ADD     R1, R4, #1
        JSR     SAY
REPORT_NEXT
        ADD     R3, R3, #1
        ADD     R4, R4, #3
        BR      REPORT_TYPE
DONE
        HALT

; SAY: prints the text at R0, the 32 bits at R1 and a newline.
;   changes  R0, R1
SAY
        ST      R7, SAY_R7
        PUTS
        LDR     R0, R1, #0
        LDR     R1, R1, #1
        JSR     LONG_PRINT
        AND     R0, R0, #0
        ADD     R0, R0, #10
        OUT
        LD      R7, SAY_R7
        RET
SAY_R7  .BLKW   1
LETTER  .BLKW   1
        .FILL   x20
        .FILL   0
SAY_PACKETS    .STRINGZ "packets "
SAY_HEARTBEATS .STRINGZ "heartbeats "
SAY_MESSAGES   .STRINGZ "messages "
SAY_GAPS       .STRINGZ "gaps "
SAY_MISSING    .STRINGZ "missing "
SAY_LATE       .STRINGZ "late "
        .END
