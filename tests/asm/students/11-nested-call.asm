; expect warning unsaved-link 6:7-14: this call overwrites R7, so the subroutine cannot return
; expect hint: store R7 at its begin and load it before its return
.ORIG x3000
    JSR PRINT
    HALT
PRINT JSR STEP
    RET
STEP ADD R0, R0, #1
    RET
.END
