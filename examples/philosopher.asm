; philosopher.asm -- dines, once he has both forks.
;
;     lc3as philosopher.asm polite.asm
;     lc3run --link ring 5*philosopher.obj                 deadlock, reported
;     lc3run --link ring 4*philosopher.obj polite.obj      everybody dines
;
; They sit in a ring.  Each holds the fork at his right hand, which his neighbour
; to the right needs too, and passes it on when he has eaten.  If all of them wait
; for the fork at their left first, all wait for ever; it takes one who gives first.
        .ORIG x3000
        TRAP    x31                     ; RECV: the fork at the left
        LEA     R0, DINES
        PUTS
        TRAP    x30                     ; SEND: the fork at the right
        HALT
DINES   .STRINGZ "a philosopher dines\n"
        .END
