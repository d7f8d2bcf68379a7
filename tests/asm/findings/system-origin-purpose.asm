; A program that brings its own vector and routine: nothing is said about them.
; option Wunused-label
; expect warning unused-label 11:1-4: nothing refers to the label MAIN
.ORIG x0040
    .FILL OWN
.END
.ORIG x1000
OWN RTI
.END
.ORIG x3000
MAIN TRAP x40
    HALT
.END
