; count.asm -- counts frames by what they carry and by the port they go to.
;
;   lc3run --nic=pcap:FILE,rate=max examples/nic/count.asm
;
; Prints a line for every Ethernet type and for every destination port of UDP and
; TCP, in the order in which they came first.

        .ORIG   x3000
        .EXTERNAL NIC_NETWORK
        .EXTERNAL LONG_PRINT
        .EXTERNAL NUMBER_TO_HEX

NEXT
        LD      R0, FRAME
        LD      R1, ROOM
        TRAP    x38                     ; NICRX: a frame to FRAME, R1 its bytes
        ADD     R1, R1, #0
        BRz     REPORT
        LEA     R1, FRAMES
        JSR     COUNT
        LD      R0, FRAME
        JSR     NIC_NETWORK             ; R0: network header, R1: its type
        ADD     R5, R0, #0
        ADD     R2, R1, #0
        LD      R1, TYPES
        JSR     TALLY
        JSR     PORT                    ; R2: type and R5: header in, R2: port out
        BRz     NEXT
        LD      R1, PORTS
        JSR     TALLY
        BR      NEXT

; PORT: the destination port, 0 when there is none (then CC is Z).
;   in  R2: type, R5: network header    out  R2    changes  R0, R1, R5
PORT
        ST      R7, PORT_R7
        LD      R0, MINUS_IPV4
        ADD     R0, R2, R0
        BRz     PORT_IPV4
        LD      R0, MINUS_IPV6
        ADD     R0, R2, R0
        BRz     PORT_IPV6
PORT_NONE
        LD      R7, PORT_R7
        AND     R2, R2, #0
        RET
PORT_IPV4
        LDR     R0, R5, #3              ; a later fragment has no ports
        LD      R1, FRAGMENT
        AND     R0, R0, R1
        BRnp    PORT_NONE
        LDR     R0, R5, #4              ; time to live, protocol
        LD      R1, LOW_BYTE
        AND     R0, R0, R1
        ADD     R1, R0, #-6             ; TCP
        BRz     PORT_HEADER
        ADD     R0, R0, #-15            ; UDP is 17
        ADD     R0, R0, #-2
        BRnp    PORT_NONE
PORT_HEADER
        LDR     R0, R5, #0              ; its length, in units of two words
        LD      R1, HEADER_BITS
        AND     R0, R0, R1
        LD      R1, MINUS_UNIT
PORT_UNIT
        ADD     R5, R5, #2
        ADD     R0, R0, R1
        BRp     PORT_UNIT
        LDR     R2, R5, #1
        LD      R7, PORT_R7
        ADD     R2, R2, #0
        RET
PORT_IPV6
        LDR     R0, R5, #3              ; next header, hop limit
        LD      R1, HIGH_BYTE
        AND     R0, R0, R1
        LD      R1, MINUS_TCP_HIGH
        ADD     R1, R0, R1
        BRz     PORT_IPV6_FOUND
        LD      R1, MINUS_UDP_HIGH
        ADD     R1, R0, R1
        BRnp    PORT_NONE
PORT_IPV6_FOUND
        LD      R0, IPV6_PORT
        ADD     R5, R5, R0
        LDR     R2, R5, #0
        LD      R7, PORT_R7
        ADD     R2, R2, #0
        RET

; TALLY: counts a key in a table; the table has a free entry count, a used entry
; count, then key, low and high word of each entry.  What does not fit counts in
; OTHERS.
;   in  R1: table, R2: key    changes  R0, R1, R3, R4
TALLY
        ST      R7, TALLY_R7
        LDR     R3, R1, #1
        ADD     R4, R1, #2              ; the entry
        NOT     R7, R2
        ADD     R7, R7, #1
TALLY_LOOK
        ADD     R3, R3, #0
        BRz     TALLY_NEW
        LDR     R0, R4, #0
        ADD     R0, R0, R7
        BRz     TALLY_FOUND
        ADD     R4, R4, #3
        ADD     R3, R3, #-1
        BR      TALLY_LOOK
TALLY_NEW
        LDR     R0, R1, #0
        BRz     TALLY_FULL
        ADD     R0, R0, #-1
        STR     R0, R1, #0
        LDR     R0, R1, #1
        ADD     R0, R0, #1
        STR     R0, R1, #1
        STR     R2, R4, #0
        STR     R3, R4, #1
        STR     R3, R4, #2
TALLY_FOUND
        ADD     R1, R4, #1
TALLY_COUNT
        JSR     COUNT
        LD      R7, TALLY_R7
        RET
TALLY_FULL
        LEA     R1, OTHERS
        BR      TALLY_COUNT

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

REPORT
        LEA     R0, SAY_FRAMES
        LEA     R1, FRAMES
        JSR     SAY
        LD      R4, TYPES
        LDR     R3, R4, #1
        ADD     R4, R4, #2
REPORT_TYPE
        ADD     R3, R3, #0
        BRz     REPORT_PORTS
        LEA     R0, SAY_TYPE
        PUTS
        LDR     R0, R4, #0
        LEA     R1, HEX
        JSR     NUMBER_TO_HEX
        LEA     R0, HEX
        PUTS
        LEA     R0, SAY_SPACE
        ADD     R1, R4, #1
        JSR     SAY
        ADD     R4, R4, #3
        ADD     R3, R3, #-1
        BR      REPORT_TYPE
REPORT_PORTS
        LD      R4, PORTS
        LDR     R3, R4, #1
        ADD     R4, R4, #2
REPORT_PORT
        ADD     R3, R3, #0
        BRz     REPORT_OTHERS
        LEA     R0, SAY_PORT
        PUTS
        LDR     R0, R4, #0
        AND     R1, R1, #0
        JSR     LONG_PRINT
        LEA     R0, SAY_SPACE
        ADD     R1, R4, #1
        JSR     SAY
        ADD     R4, R4, #3
        ADD     R3, R3, #-1
        BR      REPORT_PORT
REPORT_OTHERS
        LD      R0, OTHERS
        LEA     R1, OTHERS
        LDR     R2, R1, #1
        BRnp    REPORT_SOME
        ADD     R0, R0, #0
        BRz     DONE
REPORT_SOME
        LEA     R0, SAY_OTHERS
        JSR     SAY
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

SAY_FRAMES .STRINGZ "frames "
SAY_TYPE   .STRINGZ "type x"
SAY_PORT   .STRINGZ "port "
SAY_OTHERS .STRINGZ "others "
SAY_SPACE  .STRINGZ " "
HEX     .BLKW   5
FRAMES  .BLKW   2
OTHERS  .BLKW   2
PORT_R7 .BLKW   1
TALLY_R7 .BLKW  1
SAY_R7  .BLKW   1
FRAME   .FILL   x8000
ROOM    .FILL   #100                    ; words: headers are all we look at
MINUS_IPV4 .FILL x-0800
MINUS_IPV6 .FILL x7923                  ; -x86DD
FRAGMENT   .FILL x1FFF
LOW_BYTE   .FILL x00FF
HIGH_BYTE  .FILL xFF00
HEADER_BITS .FILL x0F00
MINUS_UNIT .FILL x-0100
MINUS_TCP_HIGH .FILL x-0600
MINUS_UDP_HIGH .FILL x-1100
IPV6_PORT  .FILL #21
TYPES   .FILL   TYPE_TABLE
PORTS   .FILL   PORT_TABLE

TYPE_TABLE
        .FILL   #16
        .FILL   #0
        .BLKW   48
PORT_TABLE
        .FILL   #64
        .FILL   #0
        .BLKW   192
        .END
