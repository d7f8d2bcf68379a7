; expect error 5:14-14: this string has no closing quote
; expect hint: end it with '"' on the same line; a quote inside is written \"
.ORIG x3000
    HALT
    .STRINGZ "no end
.END
