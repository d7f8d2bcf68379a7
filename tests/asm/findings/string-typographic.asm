; expect error 6:14-14: this quote or dash comes from a word processor
; expect hint: type a plain '"' or '-' in its place
; expect error 7:17-17: this quote or dash comes from a word processor
; expect hint: type a plain '"' or '-' in its place
.ORIG x3000
    .STRINGZ “hello”
    ADD R0, R0, −1
.END
