; arbiter.asm -- A/B arbitration: one feed without gaps out of two lines with some.
;
; Takes the records of two line.asm, on ports 0 and 1; see there how to run them.
; Each line has its packets in order, so the lower of the two numbers is next; it is
; used once, whichever line brought it, and what neither brought is missing.  The
; result does not depend on which line was faster.

        .ORIG   x3000
        .EXTERNAL ADD32
        .EXTERNAL SUB32
        .EXTERNAL COMPARE32_U
        .EXTERNAL LONG_PRINT

        LEA     R5, LINE_A
        JSR     TAKE
        LEA     R5, LINE_B
        JSR     TAKE
NEXT
        LD      R0, LINE_A
        LD      R1, LINE_A_HIGH
        LD      R2, LINE_B
        LD      R3, LINE_B_HIGH
        JSR     COMPARE32_U
        BRn     ONLY_A
        BRp     ONLY_B
        AND     R0, R2, R3              ; equal; both at the end?
        ADD     R0, R0, #1
        BRz     REPORT
        LEA     R5, LINE_A
        JSR     USE
        LEA     R1, BOTH
        JSR     COUNT
        LEA     R5, LINE_A
        JSR     TAKE
        LEA     R5, LINE_B
        JSR     TAKE
        BR      NEXT
ONLY_A
        LEA     R5, LINE_A
        JSR     USE
        LEA     R1, FROM_A
        JSR     COUNT
        JSR     TAKE
        BR      NEXT
ONLY_B
        LEA     R5, LINE_B
        JSR     USE
        LEA     R1, FROM_B
        JSR     COUNT
        JSR     TAKE
        BR      NEXT

; TAKE: the next record of the line at R5: number (2 words), bytes, port.
;   changes  R0, R1
TAKE
        ST      R7, TAKE_R7
        LDR     R1, R5, #3
        TRAP    x33                     ; RECVFROM: port R1 to R0
        STR     R0, R5, #0
        TRAP    x33
        STR     R0, R5, #1
        TRAP    x33
        STR     R0, R5, #2
        LD      R7, TAKE_R7
        RET

; USE: counts the packet at R5 and what is missing before it.
;   changes  R0 to R3
USE
        ST      R7, USE_R7
        LD      R0, PACKETS             ; the first one?
        LD      R1, PACKETS_HIGH
        ADD     R0, R0, #0
        BRnp    USE_COMPARE
        ADD     R1, R1, #0
        BRz     USE_FIRST
USE_COMPARE
        LDR     R0, R5, #0
        LDR     R1, R5, #1
        LD      R2, EXPECTED
        LD      R3, EXPECTED_HIGH
        JSR     SUB32
        LD      R2, MISSING
        LD      R3, MISSING_HIGH
        JSR     ADD32
        ST      R0, MISSING
        ST      R1, MISSING_HIGH
USE_FIRST
        LDR     R0, R5, #0              ; the next one expected
        LDR     R1, R5, #1
        AND     R3, R3, #0
        ADD     R2, R3, #1
        JSR     ADD32
        ST      R0, EXPECTED
        ST      R1, EXPECTED_HIGH
        LD      R0, BYTES
        LD      R1, BYTES_HIGH
        LDR     R2, R5, #2
        JSR     ADD32
        ST      R0, BYTES
        ST      R1, BYTES_HIGH
        LEA     R1, PACKETS
        JSR     COUNT
        LD      R7, USE_R7
        RET

; COUNT: adds 1 to the 32 bits at R1, low word first.
;   changes  R0
COUNT
        LDR     R0, R1, #0
        ADD     R0, R0, #1
        STR     R0, R1, #0
        BRnp    COUNT_END
        LDR     R0, R1, #1
        ADD     R0, R0, #1
        STR     R0, R1, #1
COUNT_END
        RET

REPORT
        LEA     R0, SAY_PACKETS
        LEA     R1, PACKETS
        JSR     SAY
        LEA     R0, SAY_BYTES
        LEA     R1, BYTES
        JSR     SAY
        LEA     R0, SAY_BOTH
        LEA     R1, BOTH
        JSR     SAY
        LEA     R0, SAY_FROM_A
        LEA     R1, FROM_A
        JSR     SAY
        LEA     R0, SAY_FROM_B
        LEA     R1, FROM_B
        JSR     SAY
        LEA     R0, SAY_MISSING
        LEA     R1, MISSING
        JSR     SAY
        HALT

; SAY: prints the text at R0, the 32 bits at R1 and a newline.
;   changes  R0, R1
SAY
        ST      R7, SAY_R7
        PUTS
        LDR     R0, R1, #0
        LDR     R1, R1, #1
        JSR     LONG_PRINT
        AND     R0, R0, #0
        ADD     R0, R0, #10
        OUT
        LD      R7, SAY_R7
        RET

LINE_A  .BLKW   1
LINE_A_HIGH .BLKW 2
        .FILL   #0
LINE_B  .BLKW   1
LINE_B_HIGH .BLKW 2
        .FILL   #1
TAKE_R7 .BLKW   1
USE_R7  .BLKW   1
SAY_R7  .BLKW   1
EXPECTED .BLKW  1
EXPECTED_HIGH .BLKW 1
PACKETS .BLKW   1
PACKETS_HIGH .BLKW 1
BYTES   .BLKW   1
BYTES_HIGH .BLKW 1
MISSING .BLKW   1
MISSING_HIGH .BLKW 1
BOTH    .BLKW   2
FROM_A  .BLKW   2
FROM_B  .BLKW   2
SAY_PACKETS .STRINGZ "packets "
SAY_BYTES   .STRINGZ "bytes "
SAY_BOTH    .STRINGZ "on both "
SAY_FROM_A  .STRINGZ "only on A "
SAY_FROM_B  .STRINGZ "only on B "
SAY_MISSING .STRINGZ "missing "
        .END
