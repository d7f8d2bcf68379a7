; expect error 6:3-8: a string with no directive before it
; expect hint: write .STRINGZ before the string
; expect error 7:5-10: a string with no directive before it
; expect hint: write .STRINGZ before the string
.ORIG x3000
A "text"
    "text"
.END
