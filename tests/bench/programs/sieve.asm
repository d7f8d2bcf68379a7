; sieve -- Eratosthenes below 8192 minus (rounds & 255).
; R0 = 2 * R0 + every prime found.
        .ORIG x3000
        AND   R0, R0, #0
        ST    R0, SUM
LOOP    LD    R0, ROUNDS
        LD    R1, LOW8
        AND   R0, R0, R1
        NOT   R0, R0
        ADD   R0, R0, #1
        LD    R1, SIZE
        ADD   R0, R0, R1
        LD    R1, FLAGS
        ADD   R2, R0, #0
        ADD   R0, R0, R1        ; the end
        NOT   R4, R0
        ADD   R4, R4, #1        ; R4 = -end
        AND   R0, R0, #0
        ADD   R0, R0, #1
FILL    STR   R0, R1, #0
        ADD   R1, R1, #1
        ADD   R2, R2, #-1
        BRp   FILL

        AND   R0, R0, #0
        ADD   R2, R0, #2        ; the prime
        LD    R5, FLAGS
        LD    R6, LAST
PRIME   ADD   R1, R5, R2
        LDR   R3, R1, #0
        BRz   NEXT
        ADD   R1, R1, R2
STRIKE  STR   R0, R1, #0
        ADD   R1, R1, R2
        ADD   R3, R1, R4
        BRn   STRIKE
NEXT    ADD   R2, R2, #1
        ADD   R3, R2, R6
        BRnz  PRIME

        LD    R0, SUM
        ADD   R1, R5, #2
        AND   R2, R2, #0
        ADD   R2, R2, #2
COUNT   LDR   R3, R1, #0
        BRz   NONE
        ADD   R0, R0, R0
        ADD   R0, R0, R2
NONE    ADD   R2, R2, #1
        ADD   R1, R1, #1
        ADD   R3, R1, R4
        BRn   COUNT
        ST    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #8500
SIZE    .FILL #8192
LOW8    .FILL x00FF
FLAGS   .FILL x4000
LAST    .FILL #-90
SUM     .FILL #0
        .END
