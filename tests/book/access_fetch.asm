; book: A.2, x02 -- the fault of a fetch is at the address that could not be fetched
; edition: ed3
; expect end: fault
; expect fault: x0102 at x2FF0
; expect PC: x2FF0
        .ORIG x3000
        LD      R3, FETCH
        JMP     R3
FETCH   .FILL   x2FF0
        .END
