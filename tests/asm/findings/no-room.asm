; expect error 6:5-11: 1 word at xFE00 would reach xFE00, where device registers are
; expect note 3:1-5: the block begins here
.ORIG xFDF0
    .BLKW 15
    .FILL 1
    .FILL 2
    .FILL 3
.END
