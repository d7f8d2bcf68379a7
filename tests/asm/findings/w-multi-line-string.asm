; expect warning multi-line-string 4:12-12: this string ends on a later line; its line ends are part of it
.ORIG x3000
    HALT
A .STRINGZ "one
two" ; and on
    .FILL A
.END
