; os_ed2.asm -- the system of the 2nd edition: vectors and TRAP routines.
;
; In the 2nd edition TRAP leaves the way back in R7 and changes neither mode nor
; stack (book, 2nd edition, section 9.1): a routine ends with RET and keeps what
; it uses in words of its own.  So a TRAP routine must not be called while it is
; running, which an interrupt routine has to mind.  Exceptions and interrupts are
; those of os_fault.asm.

        .EXTERNAL OS_SAY
        .EXTERNAL OS_NO_SERVICE
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

        .ORIG x0000
        .BLKW x20, NO_SERVICE
        .FILL OS_GETC                   ; x20
        .FILL OS_OUT
        .FILL OS_PUTS
        .FILL OS_IN
        .FILL OS_PUTSP
        .FILL OS_HALT                   ; x25
        .BLKW xA, NO_SERVICE
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
        .BLKW xC2, NO_SERVICE

        .FILL OS_PRIVILEGE              ; x100: exception x00
        .FILL OS_ILLEGAL
        .FILL OS_ACCESS
        .BLKW x7D, OS_BAD_INTERRUPT
        .FILL OS_KEYBOARD               ; x180
        .FILL OS_TIMER
        .BLKW x7E, OS_BAD_INTERRUPT

; Where a reset would begin.  lc3run starts programs itself and does not run this.
OS_START
        LD      R7, USER
        JMP     R7
USER    .FILL x3000

; TRAP x20 GETC: waits for a key and gives it in R0; nothing is shown.
OS_GETC
        LDI     R0, KBSR
        BRzp    OS_GETC
        LDI     R0, KBDR
        RET

; TRAP x21 OUT: shows the character in R0[7:0].
OS_OUT
        ST      R1, OUT_R1
OUT_WAIT
        LDI     R1, DSR
        BRzp    OUT_WAIT
        STI     R0, DDR
        LD      R1, OUT_R1
        RET

; TRAP x22 PUTS: shows the characters in the words from R0 on, up to a word x0000.
OS_PUTS
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
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
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET

; TRAP x23 IN: shows a prompt, waits for a key, shows it and gives it in R0.
OS_IN
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
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
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET
PROMPT  .STRINGZ "\nInput a character> "

; TRAP x24 PUTSP: shows a packed string, two characters a word, bits [7:0] first, up
; to a word x0000.  A zero byte above a last single character is not shown.
OS_PUTSP
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
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
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        RET

KBSR    .FILL xFE00
KBDR    .FILL xFE02
DSR     .FILL xFE04
DDR     .FILL xFE06
MCR     .FILL xFFFE

; TRAP x25 HALT: stops the machine.
OS_HALT
        ST      R0, STOP_R0
        BR      STOP

; Exceptions end here, in supervisor mode.  Stack: R0, PC, PSR.
OS_STOP
        AND     R0, R0, #0
        STI     R0, MCR
        LDR     R0, R6, #0
        ADD     R6, R6, #1
        RTI
; TRAPs end here.
STOP
        AND     R0, R0, #0
        STI     R0, MCR
        LD      R0, STOP_R0
        RET

; A TRAP whose vector nobody has set.
NO_SERVICE
        ST      R0, STOP_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ST      R5, SAVE_R5
        ST      R7, SAVE_R7
        ADD     R1, R7, #-1
        LD      R3, WHAT
        LD      R0, SAY
        JSRR    R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        LD      R5, SAVE_R5
        LD      R7, SAVE_R7
        BR      STOP
WHAT    .FILL OS_NO_SERVICE
SAY     .FILL OS_SAY

; ----------------------- x30 to x3D: the native TRAP itself
;
; These change no register that they do not name, R7 neither.

OS_SEND     TRAP x30
            RET
OS_RECV     TRAP x31
            RET
OS_SENDTO   TRAP x32
            RET
OS_RECVFROM TRAP x33
            RET
OS_TRYSEND  TRAP x34
            RET
OS_TRYRECV  TRAP x35
            RET
OS_SENDN    TRAP x36
            RET
OS_RECVN    TRAP x37
            RET
OS_NICRX    TRAP x38
            RET
OS_NICTX    TRAP x39
            RET
OS_NICTIME  TRAP x3A
            RET
OS_CLOCK    TRAP x3B
            RET
OS_COUNT    TRAP x3C
            RET
OS_OBSERVE  TRAP x3D
            RET

; What the machine reads when it has been stopped: the entry of the vector table
; and the address of the instruction, which is 0 when there was no fault.  Then what the
; routines keep while they run.
OS_DATA:
OS_FAULT_VECTOR .FILL x0000
OS_FAULT_AT     .FILL x0000
OUT_R1  .BLKW 1
STOP_R0 .BLKW 1
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
SAVE_R5 .BLKW 1
SAVE_R7 .BLKW 1
OS_DATA_END:
        .END
