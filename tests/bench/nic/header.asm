; header.asm -- the header parser of the benchmarks: Ethernet, IPv4, UDP, port.
;
; Counts the datagrams to one port in R3:R2 and adds the last words of their
; numbers (pcapgen writes one into each) into R4, which makes the result depend
; on every frame.  Frames that are anything else are counted in OTHERS.
        .ORIG   x3000
        LD      R0, FRAME
        AND     R2, R2, #0
        AND     R3, R3, #0
        AND     R4, R4, #0
NEXT
        LD      R1, ROOM
        TRAP    x38                     ; NICRX
        ADD     R1, R1, #0
        BRz     DONE
        LDR     R1, R0, #6              ; type
        LD      R5, MINUS_IPV4
        ADD     R1, R1, R5
        BRnp    OTHER
        LDR     R1, R0, #7              ; version, header length, service
        LD      R5, MINUS_PLAIN
        ADD     R1, R1, R5
        BRnp    OTHER
        LDR     R1, R0, #11             ; time to live, protocol
        LD      R5, PROTOCOL
        AND     R1, R1, R5
        LD      R5, MINUS_UDP
        ADD     R1, R1, R5
        BRnp    OTHER
        LDR     R1, R0, #18             ; destination port
        LD      R5, MINUS_PORT
        ADD     R1, R1, R5
        BRnp    OTHER
        LDR     R1, R0, #24             ; low word of the frame's number
        ADD     R4, R4, R1
        ADD     R2, R2, #1
        BRnp    NEXT
        ADD     R3, R3, #1
        BR      NEXT
OTHER
        LD      R1, OTHERS
        ADD     R1, R1, #1
        ST      R1, OTHERS
        BR      NEXT
DONE
        HALT
FRAME   .FILL   x8000
ROOM    .FILL   #759                    ; words of the longest frame
MINUS_IPV4 .FILL x-0800
MINUS_PLAIN .FILL x-4500
PROTOCOL .FILL  x00FF
MINUS_UDP .FILL #-17
MINUS_PORT .FILL x63C0                  ; -40000
OTHERS  .FILL   #0
        .END
