; os.asm -- the system of the 3rd edition: vectors, TRAP routines, start.
;
; Assembled when lc3run is built and loaded under every program.  It occupies
; x0000 to x03FF, with os_fault.asm behind it; the supervisor stack grows down from
; x3000.  A program replaces a routine by loading or storing its own address into
; the vector.
;
; Every routine is entered by TRAP through the stack (book, section 9.3): it runs
; in supervisor mode, may use R6 as its stack, keeps all registers but its result,
; and RTI gives the caller's condition codes back.  Nothing is kept outside the
; stack, so an interrupt routine may call TRAP routines at any time.

        .EXTERNAL OS_BAD_TRAP
        .EXTERNAL OS_BAD_INTERRUPT
        .EXTERNAL OS_PRIVILEGE
        .EXTERNAL OS_ILLEGAL
        .EXTERNAL OS_ACCESS
        .EXTERNAL OS_KEYBOARD
        .EXTERNAL OS_TIMER
        .GLOBAL OS_STOP
        .GLOBAL OS_START
        .GLOBAL OS_FAULT_VECTOR
        .GLOBAL OS_FAULT_AT

; ------------------------------------------------------------ trap vectors

        .ORIG x0000
        .BLKW x20, OS_BAD_TRAP
        .FILL OS_GETC                   ; x20
        .FILL OS_OUT
        .FILL OS_PUTS
        .FILL OS_IN
        .FILL OS_PUTSP
        .FILL OS_HALT                   ; x25
        .BLKW xA, OS_BAD_TRAP
        .FILL OS_SEND                   ; x30
        .FILL OS_RECV
        .FILL OS_SENDTO
        .FILL OS_RECVFROM
        .FILL OS_TRYSEND
        .FILL OS_TRYRECV
        .FILL OS_SENDN
        .FILL OS_RECVN
        .FILL OS_NICRX                  ; x38
        .FILL OS_NICTX
        .FILL OS_NICTIME
        .FILL OS_CLOCK
        .FILL OS_COUNT
        .FILL OS_OBSERVE                ; x3D
        .BLKW xC2, OS_BAD_TRAP

; --------------------------------------- exception and interrupt vectors

        .FILL OS_PRIVILEGE              ; x100: exception x00
        .FILL OS_ILLEGAL
        .FILL OS_ACCESS
        .BLKW x7D, OS_BAD_INTERRUPT
        .FILL OS_KEYBOARD               ; x180
        .FILL OS_TIMER
        .BLKW x7E, OS_BAD_INTERRUPT

; ------------------------------------------------------------------- start
;
; Where a reset would begin: the user program at x3000, in user mode, priority 0,
; condition code Z.  lc3run starts programs itself and does not run this.

OS_START
        LD      R6, STACK
        LD      R0, USER_PSR
        ADD     R6, R6, #-1
        STR     R0, R6, #0
        LD      R0, STACK               ; the program begins where the stack ends
        ADD     R6, R6, #-1
        STR     R0, R6, #0
        AND     R0, R0, #0
        RTI
STACK    .FILL x3000
USER_PSR .FILL x8002

; ---------------------------------------------------- x20 to x25: characters

; TRAP x20 GETC: waits for a key and gives it in R0; nothing is shown.
OS_GETC
        LDI     R0, KBSR
        BRzp    OS_GETC
        LDI     R0, KBDR
        RTI

; TRAP x21 OUT: shows the character in R0[7:0].
OS_OUT
        ADD     R6, R6, #-1
        STR     R1, R6, #0
OUT_WAIT
        LDI     R1, DSR
        BRzp    OUT_WAIT
        STI     R0, DDR
        LDR     R1, R6, #0
        ADD     R6, R6, #1
        RTI

; TRAP x22 PUTS: shows the characters in the words from R0 on, up to a word x0000.
OS_PUTS
        ADD     R6, R6, #-3
        STR     R0, R6, #0
        STR     R1, R6, #1
        STR     R2, R6, #2
        ADD     R1, R0, #0
PUTS_NEXT
        LDR     R0, R1, #0
        BRz     PUTS_END
PUTS_WAIT
        LDI     R2, DSR
        BRzp    PUTS_WAIT
        STI     R0, DDR
        ADD     R1, R1, #1
        BR      PUTS_NEXT
PUTS_END
        LDR     R0, R6, #0
        LDR     R1, R6, #1
        LDR     R2, R6, #2
        ADD     R6, R6, #3
        RTI

; TRAP x23 IN: shows a prompt, waits for a key, shows it and gives it in R0.
OS_IN
        ADD     R6, R6, #-2
        STR     R1, R6, #0
        STR     R2, R6, #1
        LEA     R1, PROMPT
IN_NEXT
        LDR     R0, R1, #0
        BRz     IN_KEY
IN_WAIT
        LDI     R2, DSR
        BRzp    IN_WAIT
        STI     R0, DDR
        ADD     R1, R1, #1
        BR      IN_NEXT
IN_KEY
        LDI     R0, KBSR
        BRzp    IN_KEY
        LDI     R0, KBDR
IN_ECHO
        LDI     R2, DSR
        BRzp    IN_ECHO
        STI     R0, DDR
        LDR     R1, R6, #0
        LDR     R2, R6, #1
        ADD     R6, R6, #2
        RTI
PROMPT  .STRINGZ "\nInput a character> "

; TRAP x24 PUTSP: shows a packed string, two characters a word, bits [7:0] first, up
; to a word x0000.  A zero byte above a last single character is not shown.
OS_PUTSP
        ADD     R6, R6, #-5
        STR     R0, R6, #0
        STR     R1, R6, #1
        STR     R2, R6, #2
        STR     R3, R6, #3
        STR     R4, R6, #4
        ADD     R1, R0, #0              ; the next word's address
PUTSP_NEXT
        LDR     R2, R1, #0
        BRz     PUTSP_END
PUTSP_LOW
        LDI     R3, DSR
        BRzp    PUTSP_LOW
        STI     R2, DDR                 ; the display takes bits [7:0]
        AND     R0, R0, #0              ; R0 = R2 >> 8, bit by bit from the top
        AND     R4, R4, #0
        ADD     R4, R4, #8
PUTSP_SHIFT
        ADD     R0, R0, R0
        ADD     R2, R2, #0
        BRzp    PUTSP_ZERO
        ADD     R0, R0, #1
PUTSP_ZERO
        ADD     R2, R2, R2
        ADD     R4, R4, #-1
        BRp     PUTSP_SHIFT
        ADD     R1, R1, #1
        ADD     R0, R0, #0
        BRz     PUTSP_NEXT
PUTSP_HIGH
        LDI     R3, DSR
        BRzp    PUTSP_HIGH
        STI     R0, DDR
        BR      PUTSP_NEXT
PUTSP_END
        LDR     R0, R6, #0
        LDR     R1, R6, #1
        LDR     R2, R6, #2
        LDR     R3, R6, #3
        LDR     R4, R6, #4
        ADD     R6, R6, #5
        RTI

KBSR    .FILL xFE00
KBDR    .FILL xFE02
DSR     .FILL xFE04
DDR     .FILL xFE06
MCR     .FILL xFFFE

; TRAP x25 HALT: stops the machine.
OS_HALT
        ADD     R6, R6, #-1
        STR     R0, R6, #0

; The end of every stop: clears the machine control register's run bit.  The
; machine then finishes this routine, so that the state it leaves is the
; program's own.  Stack: R0, PC, PSR.
OS_STOP
        AND     R0, R0, #0
        STI     R0, MCR
        LDR     R0, R6, #0
        ADD     R6, R6, #1
        RTI

; What the machine reads when it has been stopped: the entry of the vector table
; and the address of the instruction, which is 0 when there was no fault.
OS_DATA:
OS_FAULT_VECTOR .FILL x0000
OS_FAULT_AT     .FILL x0000
OS_DATA_END:

; --------------------------------------- x30 to x3D: bus, network, metrics
;
; What these do needs the machine behind the LC-3; each routine is the native
; TRAP itself.

OS_SEND     TRAP x30
            RTI
OS_RECV     TRAP x31
            RTI
OS_SENDTO   TRAP x32
            RTI
OS_RECVFROM TRAP x33
            RTI
OS_TRYSEND  TRAP x34
            RTI
OS_TRYRECV  TRAP x35
            RTI
OS_SENDN    TRAP x36
            RTI
OS_RECVN    TRAP x37
            RTI
OS_NICRX    TRAP x38
            RTI
OS_NICTX    TRAP x39
            RTI
OS_NICTIME  TRAP x3A
            RTI
OS_CLOCK    TRAP x3B
            RTI
OS_COUNT    TRAP x3C
            RTI
OS_OBSERVE  TRAP x3D
            RTI
        .END
