; lfsr -- a shift register of 16 bits, taps 16, 14, 13 and 11: ALU and branches.
; ROUNDS times 2,048 steps; R0 = sum of the states after each, with doubling.
        .ORIG x3000
        LD    R1, START
        LD    R5, TAP14
        LD    R6, TAP13
        LD    R7, TAP11
LOOP    LD    R4, STEPS
STEP    AND   R2, R2, #0        ; counts the taps that are set
        ADD   R1, R1, #0
        BRzp  NOT16
        ADD   R2, R2, #1
NOT16   AND   R0, R1, R5
        BRz   NOT14
        ADD   R2, R2, #1
NOT14   AND   R0, R1, R6
        BRz   NOT13
        ADD   R2, R2, #1
NOT13   AND   R0, R1, R7
        BRz   NOT11
        ADD   R2, R2, #1
NOT11   AND   R2, R2, #1
        ADD   R1, R1, R1
        ADD   R1, R1, R2
        ADD   R4, R4, #-1
        BRp   STEP
        LD    R0, SUM
        ADD   R0, R0, R0
        ADD   R0, R0, R1
        ST    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

ROUNDS  .FILL #40000
STEPS   .FILL #2048
START   .FILL xACE1
TAP14   .FILL x2000
TAP13   .FILL x1000
TAP11   .FILL x0400
SUM     .FILL #0
        .END
