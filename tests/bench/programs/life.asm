; life -- Conway's game on 28 by 28 cells with a dead border; rows are 30 words.
; Every 64 generations the board is filled anew.  R0 = the populations, summed with
; doubling.
        .ORIG x3000
LOOP    LD    R0, ROUNDS
        LD    R1, LOW6
        AND   R0, R0, R1
        BRnp  STEP
        LD    R1, BOARD         ; new cells: the generator's top bits
        LD    R7, FIRST
        ADD   R1, R1, R7
        LD    R3, SEED
        LD    R5, INC
        AND   R2, R2, #0
        ADD   R2, R2, #14
        ADD   R2, R2, R2        ; 28 rows
FROW    AND   R4, R4, #0
        ADD   R4, R4, #14
        ADD   R4, R4, R4
FCELL   ADD   R0, R3, R3
        ADD   R0, R0, R0
        ADD   R3, R3, R0
        ADD   R3, R3, R5
        BRn   ALIVE
        AND   R0, R0, #0
        BR    PUT
ALIVE   AND   R0, R0, #0
        ADD   R0, R0, #1
PUT     STR   R0, R1, #0
        ADD   R1, R1, #1
        ADD   R4, R4, #-1
        BRp   FCELL
        ADD   R1, R1, #2
        ADD   R2, R2, #-1
        BRp   FROW
        ST    R3, SEED

STEP    LD    R1, BOARD         ; R1 walks the old board, R1 + R7 the new one
        LD    R7, OTHER
        NOT   R0, R1
        ADD   R0, R0, #1
        ADD   R7, R7, R0
        LD    R0, FIRST
        ADD   R1, R1, R0
        AND   R6, R6, #0        ; population
        AND   R2, R2, #0
        ADD   R2, R2, #14
        ADD   R2, R2, R2
ROW     AND   R4, R4, #0
        ADD   R4, R4, #14
        ADD   R4, R4, R4
CELL    LDR   R0, R1, #-31
        LDR   R3, R1, #-30
        ADD   R0, R0, R3
        LDR   R3, R1, #-29
        ADD   R0, R0, R3
        LDR   R3, R1, #-1
        ADD   R0, R0, R3
        LDR   R3, R1, #1
        ADD   R0, R0, R3
        LDR   R3, R1, #29
        ADD   R0, R0, R3
        LDR   R3, R1, #30
        ADD   R0, R0, R3
        LDR   R3, R1, #31
        ADD   R0, R0, R3        ; neighbours
        LDR   R3, R1, #0
        ADD   R0, R0, #-3
        BRz   LIVE              ; three: born or stays
        ADD   R0, R0, #1
        BRnp  DEAD              ; two: as it was
        ADD   R3, R3, #0
        BRz   DEAD
LIVE    AND   R3, R3, #0
        ADD   R3, R3, #1
        ADD   R6, R6, #1
        BR    WRITE
DEAD    AND   R3, R3, #0
WRITE   ADD   R5, R1, R7
        STR   R3, R5, #0
        ADD   R1, R1, #1
        ADD   R4, R4, #-1
        BRp   CELL
        ADD   R1, R1, #2
        ADD   R2, R2, #-1
        BRp   ROW
        LD    R0, BOARD         ; the boards change places
        LD    R1, OTHER
        ST    R0, OTHER
        ST    R1, BOARD
        LD    R0, SUM
        ADD   R0, R0, R0
        ADD   R0, R0, R6
        ST    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #57600
BOARD   .FILL x4000
OTHER   .FILL x4800
FIRST   .FILL #31
SEED    .FILL #12345
INC     .FILL #13849
LOW6    .FILL x003F
SUM     .FILL #0
        .END
