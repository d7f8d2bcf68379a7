; expect error 10:17-17: unexpected character '%'
; expect error 11:13-13: unexpected character '['
; expect hint: operands stand without brackets, separated by commas
; expect error 12:10-10: unexpected character '/'
; expect hint: comments begin with ';'
; expect error 13:11-11: a single quote that nothing closes
; expect error 14:8-8: unexpected character '='
; expect error 15:5-5: unexpected character '\'
.ORIG x3000
    ADD R0, R0, %5
    LDR R0, [R1]
    HALT /* stop
    .FILL 'a
    BR = 5
    \
.END
