; square.asm -- a worker of scatter.asm: every number that comes goes back squared.
;
; It never halts: it ends when nothing can come any more.
        .ORIG x3000
NEXT    TRAP    x31                     ; RECV
        ADD     R1, R0, #0              ; R0 * R0 by adding R0 as often
        ADD     R2, R0, #0
        AND     R0, R0, #0
        ADD     R1, R1, #0
        BRz     DONE
MORE    ADD     R0, R0, R2
        ADD     R1, R1, #-1
        BRp     MORE
DONE    TRAP    x30                     ; SEND
        BR      NEXT
        .END
