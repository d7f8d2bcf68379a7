; Stage 3: says how many words came, and a checksum that depends on their order, when
; all ten thousand have.
        .ORIG x3000
        AND  R3, R3, #0         ; checksum
        LD   R4, COUNT
NEXT    TRAP x31                ; RECV
        ADD  R5, R3, R3
        ADD  R3, R3, R5
        ADD  R3, R3, R0         ; three times what it was, plus the word
        ADD  R4, R4, #-1
        BRp  NEXT
        LEA  R0, TEXT
        PUTS
        LD   R4, DIGITS         ; four hexadecimal digits, the highest first
DIGIT   AND  R0, R0, #0
        ADD  R1, R0, #4
BIT     ADD  R0, R0, R0
        ADD  R3, R3, #0
        BRzp LOW
        ADD  R0, R0, #1
LOW     ADD  R3, R3, R3
        ADD  R1, R1, #-1
        BRp  BIT
        LEA  R1, HEX
        ADD  R1, R1, R0
        LDR  R0, R1, #0
        OUT
        ADD  R4, R4, #-1
        BRp  DIGIT
        LD   R0, NL
        OUT
        HALT
COUNT   .FILL 10000
DIGITS  .FILL 4
NL      .FILL x0A
TEXT    .STRINGZ "10000 sums came, checksum x"
HEX     .STRINGZ "0123456789ABCDEF"
        .END
