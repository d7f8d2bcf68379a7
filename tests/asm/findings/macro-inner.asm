; expect error 1:17-19: 99 does not fit in 5 bits (-16 to 15)
; expect note 8:5-7: in the macro called here
; expect hint: put the number into a .FILL, load it with LD, and use the register
.ORIG x3000
.MACRO INC REG
    ADD REG, REG, #99
.ENDM
    INC R0
    HALT
.END
