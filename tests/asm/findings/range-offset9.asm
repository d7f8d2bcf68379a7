; expect error 8:12-15: 256 does not fit in 9 bits (-256 to 255)
; expect hint: this is an offset from the next word; write the label instead
; expect error 9:12-16: x3007 does not fit in 9 bits (-256 to 255)
; expect hint: this is an offset, no address: put the address into a .FILL and use STI with its label
; expect error 10:8-12: -257 does not fit in 9 bits (-256 to 255)
; expect hint: this is an offset from the next word; write the label instead
.ORIG x3000
    LD R0, #256
    ST R0, x3007
    BR #-257
    HALT
.END
