; expect warning lone-word 4:1-9: SOMETHING is taken as a label, but nothing refers to it
.ORIG x3000
    BR A
SOMETHING
A HALT
.END
