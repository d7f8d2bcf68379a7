; expect warning missing-halt 4:5-18: execution runs off the end of the block here
; expect hint: end the program with a HALT or a jump
.ORIG x3000
    ADD R0, R0, #1
.END
