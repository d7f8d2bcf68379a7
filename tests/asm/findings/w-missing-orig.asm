; expect warning missing-orig 3:5-8: no .ORIG: the program is placed at x3000
; expect hint: write .ORIG x3000 before it
    HALT
.END
