; expect error 7:14-14: this string has no closing quote
; expect hint: end it with '"' on the same line; a quote inside is written \"
.ORIG x3000
    LEA R0, MSG
    PUTS
    HALT
MSG .STRINGZ "hi
TWO .FILL #2
.END
