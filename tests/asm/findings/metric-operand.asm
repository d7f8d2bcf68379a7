; expect error 9:5-12: .COUNTER needs two operands
; expect hint: .COUNTER number "name"
; expect error 10:5-21: .COUNTER takes a number from 0 to 65535 and a name in quotes
; expect hint: .COUNTER number "name"
; expect error 11:5-21: .HISTOGRAM takes a number from 0 to 65535 and a name in quotes
; expect hint: .HISTOGRAM number "name"
; expect error 12:16-17: an empty name
.ORIG x3000
    .COUNTER
    .COUNTER 1 orders
    .HISTOGRAM -1 "a"
    .COUNTER 5 ""
    HALT
.END
