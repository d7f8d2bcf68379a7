; keyboard.asm -- a program that works while somebody types.
;
;     lc3run keyboard.asm                            type; a full stop ends it
;     lc3run --input=keyboard.keys keyboard.asm      the same keys at the same instructions, every time
;
; Each key interrupts the program (book, section 9.4).  The interrupt routine only
; puts the key into a buffer; the program takes it from there when it gets round to
; it, shows it as a capital, and otherwise goes on with its work, which is counting.

; The vectors: TRAP x40, and the keyboard's interrupt.
        .ORIG x0040
        .FILL LISTEN
        .END
        .ORIG x0180
        .FILL ON_KEY
        .END

; What must run in supervisor mode: only there may a program touch a device.
        .ORIG x1000

; TRAP x40: from now on keys interrupt.
LISTEN  ADD     R6, R6, #-1
        STR     R0, R6, #0
        LD      R0, ENABLE
        STI     R0, KBSR
        LDR     R0, R6, #0
        ADD     R6, R6, #1
        RTI

; A key has come.  The interrupted program's registers must not change.
ON_KEY  ADD     R6, R6, #-3
        STR     R0, R6, #0
        STR     R1, R6, #1
        STR     R2, R6, #2
        LDI     R0, AT_PUT              ; the buffer holds 16 keys
        AND     R1, R0, #15
        LD      R2, AT_BUFFER
        ADD     R1, R1, R2
        ADD     R0, R0, #1
        STI     R0, AT_PUT
        LDI     R0, KBDR
        STR     R0, R1, #0
        LDR     R0, R6, #0
        LDR     R1, R6, #1
        LDR     R2, R6, #2
        ADD     R6, R6, #3
        RTI
KBSR      .FILL xFE00
KBDR      .FILL xFE02
ENABLE    .FILL x4000
AT_PUT    .FILL PUT
AT_BUFFER .FILL BUFFER
        .END

; The program.
        .ORIG x3000
        .EXTERNAL LONG_PRINT
        LD      R6, STACK
        TRAP    x40
WORK    LD      R0, ROUNDS              ; a 32-bit count
        ADD     R0, R0, #1
        ST      R0, ROUNDS
        BRnp    LOOK
        LD      R0, ROUNDS_HIGH
        ADD     R0, R0, #1
        ST      R0, ROUNDS_HIGH
LOOK    LD      R1, TAKEN               ; has a key come?
        LD      R2, PUT
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R2, R1, R2
        BRz     WORK
        AND     R2, R1, #15
        LEA     R3, BUFFER
        ADD     R2, R2, R3
        LDR     R0, R2, #0
        ADD     R1, R1, #1
        ST      R1, TAKEN
        LD      R2, MINUS_STOP
        ADD     R2, R0, R2
        BRz     FINISH
        LD      R2, MINUS_A             ; a to z become capitals
        ADD     R2, R0, R2
        BRn     SHOW
        ADD     R2, R2, #-15
        ADD     R2, R2, #-11
        BRzp    SHOW
        LD      R2, TO_CAPITAL
        ADD     R0, R0, R2
SHOW    OUT
        BR      WORK
FINISH  LEA     R0, AND_THEN
        PUTS
        LD      R0, ROUNDS
        LD      R1, ROUNDS_HIGH
        JSR     LONG_PRINT
        LEA     R0, OF_WORK
        PUTS
        HALT
STACK       .FILL xF000
ROUNDS      .FILL 0
ROUNDS_HIGH .FILL 0
TAKEN       .FILL 0                     ; keys the program has taken; only it writes this
PUT         .FILL 0                     ; keys that have come; only ON_KEY writes this
BUFFER      .BLKW 16
MINUS_STOP  .FILL x-2E
MINUS_A     .FILL x-61
TO_CAPITAL  .FILL x-20
AND_THEN    .STRINGZ "\nand "
OF_WORK     .STRINGZ " rounds of work\n"
        .END
