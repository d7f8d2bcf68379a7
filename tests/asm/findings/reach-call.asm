; expect error 5:9-11: FAR is out of reach: 1024 words ahead, and 11 bits reach -1024 to 1023
; expect note 8:1-3: the label is here, at x3401
; expect hint: load the address from a .FILL FAR nearby with LD and use JSRR, or move the label 1 word closer
.ORIG x3000
    JSR FAR
    HALT
    .BLKW 1023
FAR RET
.END
