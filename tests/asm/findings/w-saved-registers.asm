; expect warning saved-registers 10:5-16: R3 is saved here, but not restored before the return
; expect note 13:5-16: the others are restored here
; expect warning saved-registers 13:5-16: this restores R3 from where R2 was saved
; expect note 9:5-16: it was saved here
.ORIG x3000
    JSR SUB
    HALT
SUB ST R1, SAVE1
    ST R2, SAVE2
    ST R3, SAVE3
    AND R1, R2, R3
    LD R1, SAVE1
    LD R3, SAVE2
    RET
SAVE1 .BLKW 1
SAVE2 .BLKW 1
SAVE3 .BLKW 1
.END
