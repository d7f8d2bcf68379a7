; expect error 5:17-19: 48 does not fit in 5 bits (-16 to 15)
; expect hint: put the number into a .FILL, load it with LD, and use the register
.ORIG x3000
    AND R0, R0, #0
    ADD R0, R0, #48
    HALT
.END
