; sort -- bubble sort over 2,000 words of 15 random bits.
; R0 = the words of every sorted array, summed with doubling.
        .ORIG x3000
LOOP    LD    R1, ARRAY
        LD    R2, SIZE
        LD    R3, SEED
        LD    R5, INC
        LD    R6, MASK
FILL    ADD   R0, R3, R3        ; seed = 5 * seed + INC
        ADD   R0, R0, R0
        ADD   R3, R3, R0
        ADD   R3, R3, R5
        AND   R0, R3, R6
        STR   R0, R1, #0
        ADD   R1, R1, #1
        ADD   R2, R2, #-1
        BRp   FILL
        ST    R3, SEED

        LD    R2, SIZE
        ADD   R2, R2, #-1
OUTER   LD    R1, ARRAY
        ADD   R3, R2, #0
        LDR   R4, R1, #0        ; the larger of what was seen
INNER   LDR   R5, R1, #1
        NOT   R0, R5
        ADD   R0, R0, #1
        ADD   R0, R4, R0
        BRnz  KEEP
        STR   R5, R1, #0
        STR   R4, R1, #1
        BR    NEXT
KEEP    ADD   R4, R5, #0
NEXT    ADD   R1, R1, #1
        ADD   R3, R3, #-1
        BRp   INNER
        ADD   R2, R2, #-1
        BRp   OUTER

        LD    R0, SUM
        LD    R1, ARRAY
        LD    R2, SIZE
CHECK   LDR   R3, R1, #0
        ADD   R0, R0, R0
        ADD   R0, R0, R3
        ADD   R1, R1, #1
        ADD   R2, R2, #-1
        BRp   CHECK
        ST    R0, SUM
        LD    R4, ROUNDS
        ADD   R4, R4, #-1
        ST    R4, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #70
SIZE    .FILL #2000
ARRAY   .FILL x4000
SEED    .FILL #12345
INC     .FILL #13849
MASK    .FILL x7FFF
SUM     .FILL #0
        .END
