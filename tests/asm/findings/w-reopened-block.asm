; expect warning reopened-block 5:1-5: .ORIG, but the block before it has no .END
; expect note 3:1-5: that block begins here
.ORIG x3000
    HALT
.ORIG x4000
    HALT
.END
