; book: A.2 and 9.4 -- RTI in user mode is a privilege mode violation
; edition: both
; expect end: fault
; expect fault: x0100 at HERE
; expect PC: HERE
; expect R1: 7
; expect output: "before\n"
        .ORIG x3000
        AND     R1, R1, #0
        ADD     R1, R1, #7
        LEA     R0, TEXT
        PUTS
HERE    RTI
        HALT
TEXT    .STRINGZ "before\n"
        .END
