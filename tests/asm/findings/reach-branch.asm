; expect error 5:8-10: FAR is out of reach: 300 words ahead, and 9 bits reach -256 to 255
; expect note 7:1-3: the label is here, at x312D
; expect hint: load the address from a .FILL FAR nearby with LD and use JMP, or move the label 45 words closer
.ORIG x3000
    BR FAR
    .BLKW 300
FAR BRnzp NEAR
    HALT
NEAR HALT
FAR2 BR FAR
.END
