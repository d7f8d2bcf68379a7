; expect error 6:1-1: the label A is defined twice
; expect note 4:1-1: the first definition is here
.ORIG x3000
A .FILL 1
B .FILL 2
A .FILL 3
.END
