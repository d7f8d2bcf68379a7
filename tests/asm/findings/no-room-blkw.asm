; expect error 4:5-15: 60000 words at x3000 would reach xFE00, where device registers are
; expect note 3:1-5: the block begins here
.ORIG x3000
    .BLKW 60000
A .FILL A
.END
