; with link-no-room.inc
; expect warning reopened-block 6:1-5: .ORIG, but the block before it has no .END
; expect note 5:1-5: that block begins here
; expect error 1:3-13: no room is left for this block of 20000 words
.ORIG x3000
.ORIG x4000
    .BLKW 40000
.END
