; expect warning unreachable 5:5-18: nothing leads to this code (2 instructions)
; expect hint: give it a label that something jumps to, or remove it
.ORIG x3000
    BR A
    ADD R0, R0, #1
    ADD R0, R0, #2
A HALT
.END
