; os_fault.asm -- what the system does about exceptions nobody handles.
;
; Each handler shows what happened, where, and the instruction, tells the machine
; through the two words OS_FAULT_VECTOR and OS_FAULT_AT, and stops it.  Shared by
; the systems of both editions.

        .GLOBAL OS_BAD_TRAP
        .GLOBAL OS_BAD_INTERRUPT
        .GLOBAL OS_PRIVILEGE
        .GLOBAL OS_ILLEGAL
        .GLOBAL OS_ACCESS
        .GLOBAL OS_KEYBOARD
        .GLOBAL OS_TIMER
        .GLOBAL OS_SAY
        .GLOBAL OS_NO_SERVICE
        .EXTERNAL OS_STOP
        .EXTERNAL OS_FAULT_VECTOR
        .EXTERNAL OS_FAULT_AT

        .ORIG x0400

; Each handler: stack PC, PSR.  R7 gets the words that say which it is.

OS_PRIVILEGE
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, PRIVILEGE
        BR      FAULT

OS_ILLEGAL
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, ILLEGAL
        BR      FAULT

OS_ACCESS
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, ACCESS
        BR      FAULT

OS_KEYBOARD
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, KEYBOARD
        BR      FAULT

OS_TIMER
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, TIMER
        BR      FAULT

OS_BAD_INTERRUPT
        ADD     R6, R6, #-1
        STR     R7, R6, #0
        LEA     R7, BAD_INTERRUPT
        BR      FAULT

; A TRAP whose vector nobody has set.  The PC goes back to the TRAP itself.
OS_BAD_TRAP
        ADD     R6, R6, #-2
        STR     R0, R6, #0
        STR     R7, R6, #1
        LDR     R0, R6, #2
        ADD     R0, R0, #-1
        STR     R0, R6, #2
        LDR     R0, R6, #0
        ADD     R6, R6, #1
        LEA     R7, OS_NO_SERVICE

; Says it and stops.  R7: the words that say what happened; stack: R7, PC, PSR.
FAULT
        ADD     R6, R6, #-6
        STR     R0, R6, #0
        STR     R1, R6, #1
        STR     R2, R6, #2
        STR     R3, R6, #3
        STR     R4, R6, #4
        STR     R5, R6, #5
        ADD     R3, R7, #0
        LDR     R1, R6, #7              ; PC
        JSR     OS_SAY
        LDR     R0, R6, #0
        LDR     R1, R6, #1
        LDR     R2, R6, #2
        LDR     R3, R6, #3
        LDR     R4, R6, #4
        LDR     R5, R6, #5
        LDR     R7, R6, #6
        ADD     R6, R6, #6
        STR     R0, R6, #0              ; as OS_STOP wants it: R0, PC, PSR
        LD      R0, STOP
        JMP     R0
STOP    .FILL OS_STOP

; What happened: the entry of the vector table, then in words.
PRIVILEGE     .FILL x0100
              .STRINGZ "privilege mode violation"
ILLEGAL       .FILL x0101
              .STRINGZ "illegal opcode"
ACCESS        .FILL x0102
              .STRINGZ "access control violation"
KEYBOARD      .FILL x0180
              .STRINGZ "keyboard interrupt without a handler"
TIMER         .FILL x0181
              .STRINGZ "timer interrupt without a handler"
BAD_INTERRUPT .FILL x01FF
              .STRINGZ "interrupt without a handler"
OS_NO_SERVICE .FILL x0000 ; the vector is in the instruction
              .STRINGZ "no service routine for this TRAP"

; Shows "WHAT at xADDR: instruction xWORD" on lines of its own and fills the words
; for the machine.  R3: vector, then WHAT; R1: the address.  Changes R0 to R5, R7.
OS_SAY
        ADD     R5, R7, #0
        STI     R1, FAULT_AT
        LDR     R0, R3, #0
        BRnp    SAY_VECTOR
        LDR     R0, R1, #0              ; no vector: the low byte of the TRAP
        LD      R2, BYTE
        AND     R0, R0, R2
SAY_VECTOR
        STI     R0, FAULT_VECTOR
        LEA     R1, LINE
        JSR     TEXT
        ADD     R1, R3, #1
        JSR     TEXT
        LEA     R1, AT
        JSR     TEXT
        LDI     R1, FAULT_AT
        JSR     HEX
        LDI     R1, FAULT_AT
        LD      R2, DEVICES             ; reading a device register is not harmless
        NOT     R2, R2
        ADD     R2, R2, #1
        ADD     R2, R1, R2              ; R1 - xFE00: 0 to x1FF in device space
        BRn     SAY_WORD
        ADD     R1, R1, #0
        BRn     SAY_END
SAY_WORD
        LEA     R1, WORD
        JSR     TEXT
        LDI     R1, FAULT_AT
        LDR     R1, R1, #0
        JSR     HEX
SAY_END
        LEA     R1, LINE
        JSR     TEXT
        JMP     R5

; Shows the string at R1.  Changes R0, R1, R4.
TEXT
        LDR     R0, R1, #0
        BRz     TEXT_END
TEXT_WAIT
        LDI     R4, DISPLAY_STATUS
        BRzp    TEXT_WAIT
        STI     R0, DISPLAY
        ADD     R1, R1, #1
        BR      TEXT
TEXT_END
        RET

; Shows R1 as four hexadecimal digits.  Changes R0 to R4.
HEX
        AND     R3, R3, #0
        ADD     R3, R3, #4              ; digits
HEX_DIGIT
        AND     R0, R0, #0
        AND     R2, R2, #0
        ADD     R2, R2, #4              ; bits
HEX_BIT
        ADD     R0, R0, R0
        ADD     R1, R1, #0
        BRzp    HEX_ZERO
        ADD     R0, R0, #1
HEX_ZERO
        ADD     R1, R1, R1
        ADD     R2, R2, #-1
        BRp     HEX_BIT
        ADD     R2, R0, #-10
        BRn     HEX_SHOW
        ADD     R0, R0, #7              ; 'A' - '0' - 10
HEX_SHOW
        LD      R2, ZERO
        ADD     R0, R0, R2
HEX_WAIT
        LDI     R4, DISPLAY_STATUS
        BRzp    HEX_WAIT
        STI     R0, DISPLAY
        ADD     R3, R3, #-1
        BRp     HEX_DIGIT
        RET

FAULT_VECTOR .FILL OS_FAULT_VECTOR
FAULT_AT .FILL OS_FAULT_AT
BYTE    .FILL x00FF
ZERO    .FILL x0030
DEVICES .FILL xFE00
DISPLAY_STATUS .FILL xFE04
DISPLAY .FILL xFE06
LINE    .STRINGZ "\n"
AT      .STRINGZ " at x"
WORD    .STRINGZ ": instruction x"
        .END
