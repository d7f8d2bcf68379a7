; loop -- runs until somebody stops it; for debuggers and profilers.
        .ORIG x3000
LOOP    ADD   R1, R1, #1
        ADD   R2, R2, R1
        AND   R3, R2, #15
        ADD   R4, R4, R3
        BR    LOOP
        .END
