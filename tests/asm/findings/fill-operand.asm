; expect error 7:5-9: .FILL needs a value
; expect hint: .FILL #0
; expect error 8:14-14: .FILL takes one value
; expect hint: write one .FILL per word
; expect error 9:11-12: .FILL takes a number, a character or a label, not the register R0
.ORIG x3000
    .FILL
    .FILL 1, 2
    .FILL R0
.END
