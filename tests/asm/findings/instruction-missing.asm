; expect error 8:5-6: the register R0 where an instruction should stand
; expect hint: an instruction or directive comes first, then its operands
; expect error 9:5-6: the number #5 where an instruction should stand
; expect hint: an instruction or directive comes first, then its operands
; expect error 10:1-1: there is no instruction A
; expect hint: a label stands before an instruction or alone on its line
.ORIG x3000
    R0, R1
    #5
A R0, R0, #1
.END
