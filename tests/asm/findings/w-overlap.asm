; expect warning overlap 7:1-5: this block overlaps another from x3001 on
; expect note 3:1-5: the other one is here: x3000 to x3001
.ORIG x3000
    BR A
A HALT
.END
.ORIG x3001
    .FILL 1
.END
