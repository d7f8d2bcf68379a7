; expect error 7:5-10: .ALIAS takes a new name and a number, register, instruction or label
; expect hint: .ALIAS name value
; expect error 9:5-10: .ALIAS takes a new name and a number, register, instruction or label
; expect hint: .ALIAS name value
; expect error 12:1-1: A is no label
.ORIG x3000
    .ALIAS SP
    .ALIAS SP R6
    .ALIAS SP R5
    .ALIAS A 5
    HALT
A .FILL 0
.END
