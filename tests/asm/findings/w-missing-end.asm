; expect warning missing-end 5:1-1: the file ends without .END
; expect note 3:1-5: the block begins here
.ORIG x3000
    HALT
