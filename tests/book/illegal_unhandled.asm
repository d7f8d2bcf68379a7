; book: A.2, x01 -- nobody handles it: the machine stops at the instruction
; edition: both
; expect end: fault
; expect fault: x0101 at HERE
; expect PC: HERE
        .ORIG x3000
        LEA     R1, HERE
HERE    .FILL   xD000
        HALT
        .END
