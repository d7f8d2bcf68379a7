; expect warning halt-in-subroutine 7:5-8: this stops the machine inside a subroutine
; expect note 6:5-12: the subroutine begins here
.ORIG x3000
    JSR SUB
    HALT
SUB BRz DONE
    HALT
DONE RET
.END
