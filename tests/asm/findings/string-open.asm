; expect error 4:12-12: this string has no closing quote
; expect hint: end it with '"' on the same line; a quote inside is written \"
.ORIG x3000
A .STRINGZ "no end
    LEA R0, A
    HALT
B .STRINGZ "good"
.END
