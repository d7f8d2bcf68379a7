; Answers every word.
        .ORIG x3000
LOOP    TRAP x31
        TRAP x30
        BR   LOOP
        .END
