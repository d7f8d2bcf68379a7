; expect error 6:5-10: this macro has no .ENDM
; expect warning missing-end 9:1-1: the file ends without .END
; expect note 4:1-5: the block begins here
.ORIG x3000
    HALT
    .MACRO INC REG
    ADD REG, REG, #1
.END
