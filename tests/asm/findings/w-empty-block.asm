; expect warning empty-block 4:9-9: .BLKW reserves no word
.ORIG x3000
    HALT
A .BLKW 0
.END
