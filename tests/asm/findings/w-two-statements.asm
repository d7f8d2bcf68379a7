; expect warning two-statements 3:20-23: a second statement on the line
.ORIG x3000
    ADD R0, R0, #1 HALT
.END
