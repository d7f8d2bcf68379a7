; strings -- search and compare in a text of 1,024 letters A to D.
; Each round copies 6 letters of the text as the pattern, counts where it occurs,
; compares the text from two places up to the first difference, and changes one
; letter.  R0 = counts and lengths, summed with doubling.
        .ORIG x3000
        LD    R1, TEXT          ; the text: two high bits of a generator's words
        LD    R2, LENGTH
        LD    R3, SEED
        LD    R5, INC
        LD    R6, BIT14
FILL    JSR   LETTER
        STR   R4, R1, #0
        ADD   R1, R1, #1
        ADD   R2, R2, #-1
        BRp   FILL
        AND   R0, R0, #0        ; ends of the text and of the compare: no letter
        STR   R0, R1, #0
        ST    R3, SEED

LOOP    LD    R1, TEXT          ; the pattern, from place rounds & 511
        LD    R0, ROUNDS
        LD    R2, LOW9
        AND   R0, R0, R2
        ADD   R1, R1, R0
        LD    R2, PATTERN
        AND   R4, R4, #0
        ADD   R4, R4, #6
COPY    LDR   R0, R1, #0
        STR   R0, R2, #0
        ADD   R1, R1, #1
        ADD   R2, R2, #1
        ADD   R4, R4, #-1
        BRp   COPY
        STR   R4, R2, #0        ; zero

        LD    R5, TEXT          ; search
        LD    R7, PLACES
        AND   R6, R6, #0        ; occurrences
PLACE   ADD   R1, R5, #0
        LD    R2, PATTERN
SAME    LDR   R3, R2, #0
        BRz   FOUND
        LDR   R0, R1, #0
        NOT   R0, R0
        ADD   R0, R0, #1
        ADD   R0, R0, R3
        BRnp  MISS
        ADD   R1, R1, #1
        ADD   R2, R2, #1
        BR    SAME
FOUND   ADD   R6, R6, #1
MISS    ADD   R5, R5, #1
        ADD   R7, R7, #-1
        BRp   PLACE
        LD    R0, SUM
        ADD   R0, R0, R0
        ADD   R0, R0, R6
        ST    R0, SUM

        LD    R1, TEXT          ; compare, from places 0 and rounds & 511
        LD    R0, ROUNDS
        LD    R2, LOW9
        AND   R0, R0, R2
        ADD   R2, R1, R0
        AND   R6, R6, #0
COMPARE LDR   R3, R2, #0
        BRz   DIFFER            ; the second one ended
        LDR   R0, R1, #0
        NOT   R0, R0
        ADD   R0, R0, #1
        ADD   R0, R0, R3
        BRnp  DIFFER
        ADD   R6, R6, #1
        ADD   R1, R1, #1
        ADD   R2, R2, #1
        BR    COMPARE
DIFFER  LD    R0, SUM
        ADD   R0, R0, R0
        ADD   R0, R0, R6
        ST    R0, SUM

        LD    R3, SEED          ; another letter at place rounds & 1023
        LD    R5, INC
        LD    R6, BIT14
        JSR   LETTER
        ST    R3, SEED
        LD    R1, TEXT
        LD    R0, ROUNDS
        LD    R2, LOW10
        AND   R0, R0, R2
        ADD   R1, R1, R0
        STR   R4, R1, #0

        LD    R0, SUM
        LD    R3, ROUNDS
        ADD   R3, R3, #-1
        ST    R3, ROUNDS
        BRnp  LOOP
        HALT

; Next word of the generator in R3, a letter in R4.
LETTER  ADD   R0, R3, R3
        ADD   R0, R0, R0
        ADD   R3, R3, R0
        ADD   R3, R3, R5
        LD    R4, ALPHA
        ADD   R3, R3, #0
        BRzp  LOW
        ADD   R4, R4, #2
LOW     AND   R0, R3, R6
        BRz   DONE
        ADD   R4, R4, #1
DONE    RET

ROUNDS  .FILL #60000
TEXT    .FILL x4000
LENGTH  .FILL #1024
PLACES  .FILL #1018
PATTERN .FILL x5000
SEED    .FILL #12345
INC     .FILL #13849
BIT14   .FILL x4000
LOW9    .FILL x01FF
LOW10   .FILL x03FF
ALPHA   .FILL x0041
SUM     .FILL #0
        .END
