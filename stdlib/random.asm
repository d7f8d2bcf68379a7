; random.asm -- numbers that look random.
;
; Marsaglia's xorshift (2003) over 16 bits with the shifts 7, 9, 8: every word but 0
; comes once in 65,535 calls.  Good enough for games, not for secrets.

        .GLOBAL RANDOM
        .GLOBAL RANDOM_SEED

; RANDOM_SEED: chooses where the row of numbers begins.
;   in       R0: any word; 0 is taken as 1
;   changes  nothing
RANDOM_SEED
        ST      R0, SAVE_R0
        ADD     R0, R0, #0
        BRnp    SEED_SET
        ADD     R0, R0, #1
SEED_SET
        ST      R0, STATE
        LD      R0, SAVE_R0
        RET

; RANDOM: the next number.
;   out      R0: 1 to xFFFF
;   changes  R0
RANDOM
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R7, SAVE_R7
        LD      R0, STATE
        ADD     R1, R0, R0              ; x ^= x << 7
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        JSR     EXCLUSIVE_OR
        AND     R1, R1, #0              ; x ^= x >> 9: its upper 7 bits
        ADD     R2, R0, #0
        ADD     R3, R1, #7
RANDOM_BIT
        ADD     R1, R1, R1
        ADD     R2, R2, #0
        BRzp    RANDOM_ZERO
        ADD     R1, R1, #1
RANDOM_ZERO
        ADD     R2, R2, R2
        ADD     R3, R3, #-1
        BRp     RANDOM_BIT
        JSR     EXCLUSIVE_OR
        ADD     R1, R0, R0              ; x ^= x << 8
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        ADD     R1, R1, R1
        JSR     EXCLUSIVE_OR
        ST      R0, STATE
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R7, SAVE_R7
        RET

; R0 ^= R1: the bits of both less those they share.  Changes R0, R2.
EXCLUSIVE_OR
        AND     R2, R0, R1              ; a ^ b = a + b - 2 (a & b)
        ADD     R2, R2, R2
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R0, R0, R1
        ADD     R0, R0, R2
        RET
STATE   .FILL 1
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R7 .BLKW 1
        .END
