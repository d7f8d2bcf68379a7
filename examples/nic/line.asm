; line.asm -- one line of a feed that is sent twice: packets go on by their number.
;
;   lc3run --filter="udp dst port 14340" --nic=pcap:FILE,rate=max \
;          --filter="udp dst port 15340" --nic=pcap:FILE,rate=max \
;          --link 0:2 --link 1:2 examples/nic/line.asm examples/nic/line.asm examples/nic/arbiter.asm
;
; CME MDP 3.0 packets begin with their number, 32 bits with the low byte first.  For
; each, three words leave on port 0: the number, low word first, and the packet's
; bytes.  At the end of the feed leaves the number xFFFFFFFF.

        .ORIG   x3000
        .EXTERNAL NIC_UDP

NEXT
        LD      R0, FRAME
        LD      R1, ROOM
        TRAP    x38                     ; NICRX
        ADD     R1, R1, #0
        BRz     LAST
        LD      R0, FRAME
        JSR     NIC_UDP                 ; R0: data, R1: bytes
        ADD     R2, R1, #-4
        BRn     NEXT
        ADD     R5, R0, #0
        ST      R1, BYTES
        LDR     R0, R5, #0
        JSR     SWAP
        TRAP    x30                     ; SEND
        LDR     R0, R5, #1
        JSR     SWAP
        TRAP    x30
        LD      R0, BYTES
        TRAP    x30
        BR      NEXT
LAST
        AND     R0, R0, #0
        ADD     R0, R0, #-1
        TRAP    x30
        TRAP    x30
        TRAP    x30
        HALT

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
BYTES   .BLKW   1
        .END
