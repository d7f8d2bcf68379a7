; Sends for ever.
        .ORIG x3000
        AND  R0, R0, #0
LOOP    TRAP x30
        ADD  R0, R0, #1
        BR   LOOP
        .END
