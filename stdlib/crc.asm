; crc.asm -- a checksum of text.

        .GLOBAL CRC16

; CRC16: CRC-16/CCITT-FALSE (polynomial x1021, start xFFFF, highest bit first).
;   in       R0: words, the byte of each is its bits [7:0]; R1: how many, unsigned
;   out      R0: the checksum; x29B1 for "123456789", xFFFF for nothing
;   changes  R0
CRC16
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        AND     R2, R2, #0
        ADD     R2, R2, #-1             ; the checksum
        ADD     R1, R1, #0
        BRz     CRC_END
CRC_BYTE
        LDR     R3, R0, #0
        ADD     R3, R3, R3              ; the byte to the top
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        ADD     R3, R3, R3
        AND     R4, R2, R3              ; checksum ^= byte: a ^ b = a + b - 2 (a & b)
        ADD     R4, R4, R4
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R2, R2, R3
        ADD     R2, R2, R4
        AND     R3, R3, #0
        ADD     R3, R3, #8              ; bits
        LD      R5, POLYNOMIAL
CRC_BIT
        ADD     R2, R2, #0
        BRn     CRC_ONE
        ADD     R2, R2, R2
        BR      CRC_NEXT
CRC_ONE
        ADD     R2, R2, R2
        AND     R4, R2, R5
        ADD     R4, R4, R4
        NOT     R4, R4
        ADD     R4, R4, #1
        ADD     R2, R2, R5
        ADD     R2, R2, R4
CRC_NEXT
        ADD     R3, R3, #-1
        BRp     CRC_BIT
        ADD     R0, R0, #1
        ADD     R1, R1, #-1
        BRnp    CRC_BYTE
CRC_END
        ADD     R0, R2, #0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        RET
POLYNOMIAL .FILL x1021
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1
        .END
