; expect error 10:14-18: .STRINGZ needs a string in double quotes
; expect hint: .STRINGZ "text"
; expect error 11:5-12: .STRINGZ needs a string in double quotes
; expect hint: .STRINGZ "text"
; expect error 12:18-20: .STRINGZ takes one string
; expect hint: a quote inside a string is written \"
; expect error 13:14-15: .STRINGZ needs a string in double quotes
; expect hint: .STRINGZ "text"
.ORIG x3000
    .STRINGZ hello
    .STRINGZ
    .STRINGZ "a" "b"
    .STRINGZ #5
.END
