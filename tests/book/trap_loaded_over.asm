; book: ed2 9.1 -- an object may load its own vector over the stock one
; edition: ed2
; system: native
; expect end: halt
; expect R0: 77
; expect output: ""
        .ORIG x0020
        .FILL MINE
        .END
        .ORIG x1000
MINE    LD      R0, SEVENTY
        JMP     R7                      ; as a subroutine would: only the 2nd edition gets there
SEVENTY .FILL   #77
        .END
        .ORIG x3000
        LEA     R7, BACK
        GETC
BACK    HALT
        .END
