; expect error 6:11-11: '+' stands only between a label and a number
; expect error 7:14-14: the line ends too early
; expect hint: a number belongs behind '+' or '-'
; expect error 8:5-5: '+' stands only between a label and a number
.ORIG x3000
    .FILL + 5
    .FILL A +
    + A
A .FILL 0
.END
