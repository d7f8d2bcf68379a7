; expect error 1:17-19: 99 does not fit in 5 bits (-16 to 15)
; expect note 8:14-32: in the file included here
; expect hint: put the number into a .FILL, load it with LD, and use the register
; expect error 2:5-7: there is no instruction BRx
; expect note 8:14-32: in the file included here
; expect hint: did you mean BRn? (BRn off9)
.ORIG x3000
    .INCLUDE "include-inner.inc"
    HALT
.END
