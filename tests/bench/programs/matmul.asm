; matmul -- C = A * B, 12 by 12, every product by shifting and adding.
; A[i][k] is at x4000 + 16 i + k, B at x4100; both are filled from a generator
; that runs on.  R0 = all elements of every C, summed with doubling.
        .ORIG x3000
LOOP    LD    R1, MATA          ; fill both: 512 words
        LD    R2, WORDS
        LD    R3, SEED
        LD    R5, INC
FILL    ADD   R0, R3, R3
        ADD   R0, R0, R0
        ADD   R3, R3, R0
        ADD   R3, R3, R5
        STR   R3, R1, #0
        ADD   R1, R1, #1
        ADD   R2, R2, #-1
        BRp   FILL
        ST    R3, SEED

        LD    R0, MATA
        ST    R0, ROW
        AND   R0, R0, #0
        ADD   R0, R0, #12
        ST    R0, I
ROWS    LD    R0, MATB
        ST    R0, COLUMN
        AND   R0, R0, #0
        ADD   R0, R0, #12
        ST    R0, J
COLUMNS LD    R4, ROW           ; one element: R4 walks the row, R5 the column
        LD    R5, COLUMN
        AND   R6, R6, #0        ; its sum
        ADD   R7, R6, #12
INNER   LDR   R1, R4, #0
        LDR   R2, R5, #0
        AND   R3, R3, #0
        ADD   R3, R3, #1        ; R6 += R1 * R2, bit by bit
BIT     AND   R0, R2, R3
        BRz   SKIP
        ADD   R6, R6, R1
SKIP    ADD   R1, R1, R1
        ADD   R3, R3, R3
        BRnp  BIT
        ADD   R4, R4, #1
        ADD   R5, R5, #15
        ADD   R5, R5, #1
        ADD   R7, R7, #-1
        BRp   INNER
        LD    R0, SUM
        ADD   R0, R0, R0
        ADD   R0, R0, R6
        ST    R0, SUM
        LD    R0, COLUMN
        ADD   R0, R0, #1
        ST    R0, COLUMN
        LD    R0, J
        ADD   R0, R0, #-1
        ST    R0, J
        BRp   COLUMNS
        LD    R0, ROW
        ADD   R0, R0, #15
        ADD   R0, R0, #1
        ST    R0, ROW
        LD    R0, I
        ADD   R0, R0, #-1
        ST    R0, I
        BRp   ROWS
        LD    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #7500
WORDS   .FILL #512
MATA    .FILL x4000
MATB    .FILL x4100
SEED    .FILL #12345
INC     .FILL #13849
SUM     .FILL #0
ROW     .FILL #0
COLUMN  .FILL #0
I       .FILL #0
J       .FILL #0
        .END
