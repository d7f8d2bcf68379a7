; expect warning unsaved-link 6:7-15: this call overwrites R7, so the subroutine cannot return
; expect hint: store R7 at its begin and load it before its return
.ORIG x3000
    JSR OUTER
    HALT
OUTER JSR INNER
    RET
INNER RET
.END
