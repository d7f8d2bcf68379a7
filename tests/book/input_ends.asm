; book: 9.3, TRAP x20 -- when the input has ended a waiting GETC ends the program
; edition: both
; keys: 0 "ab"
; expect end: closed
; expect output: "ab"
        .ORIG x3000
LOOP    GETC
        OUT
        BR      LOOP
        .END
