; Reads ten words and halts.
        .ORIG x3000
        AND  R2, R2, #0
        ADD  R2, R2, #10
LOOP    TRAP x31
        ADD  R2, R2, #-1
        BRp  LOOP
        HALT
        .END
