; fibonacci -- the Fibonacci number of 20, twice recursive, as a number on the console.
;
; Shows subroutines that call themselves: R6 is the stack, the caller of a routine
; finds what it needs again there.  Where the time goes:
;
;   lc3run --profile=fibonacci.svg examples/fibonacci.asm
;
; expect: 6765
        .ORIG x3000
        LD   R6, STACK
        LD   R0, N
        JSR  FIB
        ADD  R0, R1, #0
        JSR  PRINT
        HALT
N       .FILL #20
STACK   .FILL xF000

; R1 = fib(R0); R0 and R2 change.
FIB     ADD  R2, R0, #-2
        BRn  SMALL
        ADD  R6, R6, #-2
        STR  R7, R6, #1
        STR  R0, R6, #0
        ADD  R0, R0, #-1
        JSR  FIB
        LDR  R0, R6, #0         ; n again; fib(n-1) takes its place
        STR  R1, R6, #0
        ADD  R0, R0, #-2
        JSR  FIB
        LDR  R2, R6, #0
        ADD  R1, R1, R2
        LDR  R7, R6, #1
        ADD  R6, R6, #2
        RET
SMALL   ADD  R1, R0, #0
        RET

; Prints R0, from 0 to 32767; R0 to R4 change.
PRINT   ADD  R6, R6, #-1
        STR  R7, R6, #0
        LEA  R3, POWERS
        AND  R4, R4, #0         ; whether a digit was printed
NEXT    LDR  R1, R3, #0         ; minus a power of ten, or 0
        BRz  PRINTED
        JSR  DIGIT
        ADD  R3, R3, #1
        BR   NEXT
PRINTED LDR  R7, R6, #0
        ADD  R6, R6, #1
        RET

; One digit: how often -R1 goes into R0, which keeps the rest.  Leading zeros are silent.
DIGIT   ADD  R6, R6, #-2
        STR  R7, R6, #1
        AND  R2, R2, #0
AGAIN   ADD  R0, R0, R1
        BRn  ENOUGH
        ADD  R2, R2, #1
        BR   AGAIN
ENOUGH  NOT  R1, R1
        ADD  R1, R1, #1
        ADD  R0, R0, R1         ; what was too much
        STR  R0, R6, #0
        ADD  R1, R1, #-1        ; the last digit is always printed
        BRz  SHOW
        ADD  R1, R4, R2
        BRz  SILENT
SHOW    LD   R0, ZERO
        ADD  R0, R0, R2
        OUT
        ADD  R4, R4, #1
SILENT  LDR  R0, R6, #0
        LDR  R7, R6, #1
        ADD  R6, R6, #2
        RET
ZERO    .FILL x30
POWERS  .FILL #-10000
        .FILL #-1000
        .FILL #-100
        .FILL #-10
        .FILL #-1
        .FILL #0
        .END
