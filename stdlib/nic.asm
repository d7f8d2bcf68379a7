; nic.asm -- finding one's way in Ethernet frames.
;
; A frame stands in memory as NICRX leaves it: words in network order, so that the
; first word holds the first two bytes.  The Ethernet header is 7 words.

        .GLOBAL NIC_NETWORK
        .GLOBAL NIC_UDP
        .GLOBAL NIC_CHECKSUM
        .GLOBAL NIC_SWAP

; NIC_NETWORK: what a frame carries.  One VLAN tag is passed over.
;   in       R0: the frame
;   out      R0: address of the network header, R1: its type (x0800 is IPv4)
;   changes  R0, R1
NIC_NETWORK
        ST      R2, SAVE_R2
        LDR     R1, R0, #6
        ADD     R0, R0, #7
        LD      R2, MINUS_VLAN
        ADD     R2, R1, R2
        BRnp    NETWORK_END
        LDR     R1, R0, #1
        ADD     R0, R0, #2
NETWORK_END
        LD      R2, SAVE_R2
        RET

; NIC_UDP: the data of a UDP datagram over IPv4 that is not a later fragment.
;   in       R0: the frame
;   out      R0: address of the data, R1: its bytes; R1 is xFFFF and R0 stays when the
;            frame carries anything else
;   changes  R0, R1
NIC_UDP
        ST      R0, UDP_R0
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R7, SAVE_R7
        JSR     NIC_NETWORK
        LD      R3, MINUS_IPV4
        ADD     R3, R1, R3
        BRnp    UDP_NONE
        LDR     R1, R0, #4              ; time to live, protocol
        LD      R3, LOW_BYTE
        AND     R1, R1, R3
        ADD     R1, R1, #-15            ; 17 is UDP
        ADD     R1, R1, #-2
        BRnp    UDP_NONE
        LDR     R1, R0, #3              ; flags, fragment offset
        LD      R3, FRAGMENT
        AND     R1, R1, R3
        BRnp    UDP_NONE
        LDR     R1, R0, #0              ; version, header length in double words
        LD      R3, VERSION
        AND     R3, R1, R3
        LD      R2, MINUS_VERSION_4
        ADD     R3, R3, R2
        BRnp    UDP_NONE
        LD      R3, HEADER              ; bits [11:8] count double words
        AND     R1, R1, R3
        AND     R3, R3, #0              ; R3 = 2 * (R1 >> 8): bits [11:8] of R1 at the top,
        ADD     R1, R1, R1              ; then four steps
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        AND     R2, R2, #0
        ADD     R2, R2, #4
UDP_BIT
        ADD     R3, R3, R3
        ADD     R1, R1, #0
        BRzp    UDP_ZERO
        ADD     R3, R3, #1
UDP_ZERO
        ADD     R1, R1, R1
        ADD     R2, R2, #-1
        BRp     UDP_BIT
        ADD     R1, R3, #-5
        BRn     UDP_NONE                ; shorter than any header
        ADD     R3, R3, R3
        ADD     R0, R0, R3              ; the UDP header: 4 words
        LDR     R1, R0, #2              ; its length counts itself
        ADD     R1, R1, #-8
        BRn     UDP_NONE
        ADD     R0, R0, #4
        BR      UDP_END
UDP_NONE
        LD      R0, UDP_R0
        AND     R1, R1, #0
        ADD     R1, R1, #-1
UDP_END
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R7, SAVE_R7
        RET
MINUS_VLAN .FILL x7F00                ; -x8100
MINUS_IPV4 .FILL x-0800
LOW_BYTE   .FILL x00FF
FRAGMENT   .FILL x1FFF
VERSION    .FILL xF000
MINUS_VERSION_4 .FILL x-4000
HEADER     .FILL x0F00
UDP_R0  .BLKW 1

; NIC_CHECKSUM: the Internet checksum (RFC 1071) of words in network order.
;   in       R0: the words, R1: how many, unsigned
;   out      R0: the complement of their one's-complement sum; 0 over a header that
;            holds its own right checksum
;   changes  R0
NIC_CHECKSUM
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        AND     R2, R2, #0
        ADD     R1, R1, #0
        BRz     CHECKSUM_END
CHECKSUM_WORD
        LDR     R3, R0, #0
        BRn     CHECKSUM_TOP
        ADD     R4, R2, #0
        BRn     CHECKSUM_ONE_TOP
        ADD     R2, R2, R3              ; no top bit: no carry
        BR      CHECKSUM_NEXT
CHECKSUM_TOP
        ADD     R4, R2, #0
        BRzp    CHECKSUM_ONE_TOP
        ADD     R2, R2, R3              ; two top bits: a carry
        BR      CHECKSUM_CARRY
CHECKSUM_ONE_TOP
        ADD     R2, R2, R3
        BRn     CHECKSUM_NEXT
CHECKSUM_CARRY
        ADD     R2, R2, #1
CHECKSUM_NEXT
        ADD     R0, R0, #1
        ADD     R1, R1, #-1
        BRnp    CHECKSUM_WORD
CHECKSUM_END
        NOT     R0, R2
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        RET

; NIC_SWAP: exchanges the two Ethernet addresses, so that the frame goes back.
;   in       R0: the frame
;   changes  nothing but the frame
NIC_SWAP
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        LDR     R1, R0, #0
        LDR     R2, R0, #3
        STR     R2, R0, #0
        STR     R1, R0, #3
        LDR     R1, R0, #1
        LDR     R2, R0, #4
        STR     R2, R0, #1
        STR     R1, R0, #4
        LDR     R1, R0, #2
        LDR     R2, R0, #5
        STR     R2, R0, #2
        STR     R1, R0, #5
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R7 .BLKW 1
        .END
