; expect warning label-case 7:1-4: another label LOOP, which differs only in case
; expect note 6:1-4: the first one is here
.ORIG x3000
    LD R0, loop
    HALT
Loop .FILL 1
LOOP .FILL 2
.END
