; expect error 5:5-13: .EXTERNAL needs an operand
; expect hint: .EXTERNAL label
; expect error 6:13-13: .GLOBAL takes labels, not the number 5
.ORIG x3000
    .EXTERNAL
    .GLOBAL 5
    HALT
.END
