; expect warning saved-registers 7:5-16: R2 is saved here, but not restored before the return
; expect note 9:5-16: the others are restored here
.ORIG x3000
    JSR SUM
    HALT
SUM ST R1, SAVE1
    ST R2, SAVE2
    ADD R0, R1, R2
    LD R1, SAVE1
    RET
SAVE1 .BLKW 1
SAVE2 .BLKW 1
.END
