; Writes a byte for every word, which depends on all words so far.
        .ORIG x3000
        AND  R1, R1, #0
LOOP    TRAP x31
        ADD  R2, R1, R1         ; h = 3h + word
        ADD  R1, R1, R2
        ADD  R1, R1, R0
        ADD  R0, R1, #0
        OUT
        BR   LOOP
        .END
