; expect error 9:5-7: the macro INC takes 1 argument, 0 found
; expect note 6:1-6: it is defined here
; expect error 10:5-7: the macro INC takes 1 argument, 2 found
; expect note 6:1-6: it is defined here
.ORIG x3000
.MACRO INC REG
    ADD REG, REG, #1
.ENDM
    INC
    INC R0, R1
    INC R0
    HALT
.END
