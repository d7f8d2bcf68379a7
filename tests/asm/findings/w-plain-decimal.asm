; option Wplain-decimal
; expect warning plain-decimal 4:11-12: the book writes decimals with '#'
.ORIG x3000
    .FILL 10
.END
