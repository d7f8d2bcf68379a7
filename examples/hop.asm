; hop.asm -- one station of a ring in which every station sends one token.
;
;     lc3as hop.asm
;     lc3run --link ring --stats 100*hop.obj
;     lc3run --link ring --stats 10000*hop.obj
;
; A token says how many hops it has left, so after HOPS hops each it is over: every
; station has then passed HOPS tokens, the last of which says 1.  As many hops as
; stations times HOPS.
        .ORIG x3000
        LD      R0, HOPS
PASS    TRAP    x30                     ; SEND to the next station
        TRAP    x31                     ; RECV from the one before
        ADD     R0, R0, #-1
        BRp     PASS
        HALT
HOPS    .FILL 1000
        .END
