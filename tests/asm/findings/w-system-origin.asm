; expect warning system-origin 3:7-11: x0200 is memory of the system (x0000 to x2FFF)
; expect hint: a user program begins at x3000; there it is not allowed to reach this block
.ORIG x0200
    HALT
.END
