; book: A.2, x02 -- a program that runs into device space stops there
; edition: ed3
; expect end: fault
; expect fault: x0102 at xFE00
        .ORIG xFDFE
        NOP
        NOP
        .END
