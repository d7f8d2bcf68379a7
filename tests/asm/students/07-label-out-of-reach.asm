; expect error 5:12-16: TOTAL is out of reach: 401 words ahead, and 9 bits reach -256 to 255
; expect note 8:1-5: the label is here, at x3192
; expect hint: use LDI with a .FILL TOTAL nearby, or move the label 146 words closer
.ORIG x3000
    LD R1, TOTAL
    HALT
TABLE .BLKW 400
TOTAL .FILL #0
.END
