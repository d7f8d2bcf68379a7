; polite.asm -- a philosopher who passes his fork before he asks for one, and gets
; it back in time: see philosopher.asm.
        .ORIG x3000
        TRAP    x30                     ; SEND: the fork at the right
        TRAP    x31                     ; RECV: the fork at the left
        LEA     R0, DINES
        PUTS
        HALT
DINES   .STRINGZ "the polite philosopher dines last\n"
        .END
