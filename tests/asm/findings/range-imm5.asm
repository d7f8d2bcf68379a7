; expect error 6:17-19: 17 does not fit in 5 bits (-16 to 15)
; expect hint: put the number into a .FILL, load it with LD, and use the register
; expect error 7:17-19: x20 does not fit in 5 bits (-16 to 15)
; expect hint: put the number into a .FILL, load it with LD, and use the register
.ORIG x3000
    ADD R0, R0, #17
    AND R1, R1, x20
    HALT
.END
