; expect warning unreachable 6:5-15: nothing leads to this code (2 instructions)
; expect hint: give it a label that something jumps to, or remove it
.ORIG x3000
LOOP ADD R0, R0, #-1
    BR LOOP
    LEA R0, MSG
    HALT
MSG .STRINGZ "done"
.END
