; The digits of a user address without their 'x', beside a block that is one.
; expect warning system-origin 4:7-10: x0BB8 is memory of the system (x0000 to x2FFF)
; expect hint: did you mean x3000?
.ORIG 3000
    HALT
.END
.ORIG x4000
    .FILL 1
.END
