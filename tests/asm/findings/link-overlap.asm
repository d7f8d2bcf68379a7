; with link-overlap.inc
; expect error 1:1-5: this block overlaps one of link-overlap.asm from x3001 on
; expect note 4:1-5: the other one is here: x3000 to x3001
.ORIG x3000
A HALT
    HALT
.END
