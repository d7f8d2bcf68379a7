; queens -- all ways to put 8 queens on a board, by backtracking without recursion.
; x4000 columns taken, x4010 rising diagonals, x4028 falling ones (their middle),
; x4040 the column of each row.  R0 = 2 * R0 + columns of the first two rows, for
; every solution.
        .ORIG x3000
LOOP    AND   R1, R1, #0        ; row
        AND   R2, R2, #0        ; column
        LD    R5, TAKEN
        LD    R6, FALLING
TRY     ADD   R0, R2, #-8
        BRz   BACK
        ADD   R3, R5, R2
        LDR   R0, R3, #0        ; the column
        BRp   TAKE2
        ADD   R3, R3, R1
        LDR   R0, R3, #16       ; rising: row + column
        BRp   TAKE2
        NOT   R3, R2
        ADD   R3, R3, #1
        ADD   R3, R3, R1
        ADD   R3, R3, R6
        LDR   R0, R3, #0        ; falling: row - column
        BRp   TAKE2
        AND   R0, R0, #0        ; put it there
        ADD   R0, R0, #1
        STR   R0, R3, #0
        ADD   R3, R5, R2
        STR   R0, R3, #0
        ADD   R3, R3, R1
        STR   R0, R3, #16
        LD    R4, COLUMNS
        ADD   R3, R4, R1
        STR   R2, R3, #0
        ADD   R1, R1, #1
        AND   R2, R2, #0
        ADD   R0, R1, #-8
        BRn   TRY
        LD    R0, SUM           ; a solution
        ADD   R0, R0, R0
        LDR   R3, R4, #0
        ADD   R0, R0, R3
        LDR   R3, R4, #1
        ADD   R0, R0, R3
        ST    R0, SUM
BACK    ADD   R1, R1, #-1       ; take the last one away
        BRn   DONE
        LD    R4, COLUMNS
        ADD   R3, R4, R1
        LDR   R2, R3, #0
        AND   R0, R0, #0
        ADD   R3, R5, R2
        STR   R0, R3, #0
        ADD   R3, R3, R1
        STR   R0, R3, #16
        NOT   R3, R2
        ADD   R3, R3, #1
        ADD   R3, R3, R1
        ADD   R3, R3, R6
        STR   R0, R3, #0
TAKE2   ADD   R2, R2, #1        ; the next column
        BR    TRY
DONE    LD    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #6500
TAKEN   .FILL x4000
FALLING .FILL x4028
COLUMNS .FILL x4040
SUM     .FILL #0
        .END
