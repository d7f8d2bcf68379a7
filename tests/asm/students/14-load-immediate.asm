; expect error 4:12-15: 500 does not fit in 9 bits (-256 to 255)
; expect hint: this is an offset from the next word; write the label instead
.ORIG x3000
    LD R0, #500
    HALT
.END
