; expect warning falls-into-subroutine 6:5-18: execution runs from here into a subroutine
; expect note 7:5-18: the subroutine begins here
; expect hint: a HALT, a return or a jump is missing between them
.ORIG x3000
    JSR SUB
    ADD R0, R0, #1
SUB ADD R0, R0, #2
    RET
.END
