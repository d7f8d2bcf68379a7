; expect error 7:14-14: this quote or dash comes from a word processor
; expect hint: type a plain '"' or '-' in its place
.ORIG x3000
    LEA R0, MSG
    PUTS
    HALT
MSG .STRINGZ “hi”
.END
