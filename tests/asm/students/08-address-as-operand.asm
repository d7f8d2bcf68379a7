; expect error 4:12-16: x4000 does not fit in 9 bits (-256 to 255)
; expect hint: this is an offset, no address: put the address into a .FILL and use LDI with its label
.ORIG x3000
    LD R0, x4000
    HALT
.END
