; book: 9.3 -- a vector that nobody has set
; edition: both
; expect end: fault
; expect fault: x0077 at HERE
; expect PC: HERE
        .ORIG x3000
        LEA     R6, HERE
HERE    TRAP    x77
        HALT
        .END
