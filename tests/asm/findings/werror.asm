; option Werror
; expect error empty-block 5:9-9: .BLKW reserves no word
.ORIG x3000
    HALT
A .BLKW 0
.END
