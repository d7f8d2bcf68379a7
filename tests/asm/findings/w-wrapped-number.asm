; expect warning wrapped-number 7:17-19: x1F is read as -1, whose 5 bits it shows
; expect warning wrapped-number 8:17-21: xFFFF is read as -1, whose 6 bits it shows
; expect warning wrapped-number 9:8-11: x1FF is read as -1, whose 9 bits it shows
; expect warning unreachable 10:5-8: nothing leads to this code (1 instruction)
; expect hint: give it a label that something jumps to, or remove it
.ORIG x3000
    ADD R0, R0, x1F
    LDR R0, R1, xFFFF
    BR x1FF
    HALT
.END
