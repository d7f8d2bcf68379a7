; option Wunused-label
; expect warning unused-label 4:1-1: nothing refers to the label A
.ORIG x3000
A HALT
B .FILL B
.END
