; expect error 12:17-17: # is no number
; expect hint: the digits follow '#' directly; a comment begins with ';'
; expect error 13:17-18: #x is no number
; expect hint: decimals are written #10 or -10, hexadecimals x1F, binaries b1010
; expect error 14:17-18: -A is no number
; expect hint: decimals are written #10 or -10, hexadecimals x1F, binaries b1010
; expect error 15:11-15: #12AB is no number
; expect hint: decimals are written #10 or -10, hexadecimals x1F, binaries b1010
; expect error 16:17-20: #--1 is no number
; expect hint: decimals are written #10 or -10, hexadecimals x1F, binaries b1010
.ORIG x3000
    ADD R0, R0, #
    ADD R0, R0, #x
    ADD R0, R0, -A
    .FILL #12AB
    ADD R0, R0, #--1
.END
