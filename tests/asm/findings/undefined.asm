; expect error 7:12-15: the label VALU is not defined
; expect hint: did you mean VALUE?
; expect error 8:8-14: the label NOWHERE is not defined
; expect error 9:11-16: the label VALUE2 is not defined
; expect hint: did you mean VALUE?
.ORIG x3000
    LD R0, VALU
    BR NOWHERE
    .FILL VALUE2+1
    HALT
VALUE .FILL 0
.END
