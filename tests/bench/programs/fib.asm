; fib -- recursion: JSR, RET and a stack in memory.
; ROUNDS times fib(n) for n = 12 to 19; R0 = sum, doubled before each addition.
        .ORIG x3000
        LD    R6, STACK
        AND   R5, R5, #0
        LD    R4, ROUNDS
LOOP    AND   R0, R4, #7
        ADD   R0, R0, #12
        JSR   FIB
        ADD   R5, R5, R5
        ADD   R5, R5, R1
        ADD   R4, R4, #-1
        BRnp  LOOP
        ADD   R0, R5, #0
        HALT

; R1 = fib(R0)
FIB     ADD   R2, R0, #-2
        BRn   BASE
        ADD   R6, R6, #-2
        STR   R7, R6, #1
        STR   R0, R6, #0
        ADD   R0, R0, #-1
        JSR   FIB
        LDR   R0, R6, #0
        STR   R1, R6, #0
        ADD   R0, R0, #-2
        JSR   FIB
        LDR   R2, R6, #0
        ADD   R1, R1, R2
        LDR   R7, R6, #1
        ADD   R6, R6, #2
        RET
BASE    ADD   R1, R0, #0
        RET

ROUNDS  .FILL #36000
STACK   .FILL xFD00
        .END
