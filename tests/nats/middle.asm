; A stage in the middle: every word plus the sum of all before it.
        .ORIG x3000
        AND  R1, R1, #0
LOOP    TRAP x31
        ADD  R1, R1, R0
        ADD  R0, R1, R0
        TRAP x30
        BR   LOOP
        .END
