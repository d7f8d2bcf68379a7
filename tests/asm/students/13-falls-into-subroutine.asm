; expect warning falls-into-subroutine 5:5-11: execution runs from here into a subroutine
; expect note 6:5-18: the subroutine begins here
; expect hint: a HALT, a return or a jump is missing between them
.ORIG x3000
    JSR INC
INC ADD R0, R0, #1
    RET
.END
