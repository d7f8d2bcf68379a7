; Of each record of three words the low byte of its number, its key and the low byte of its value.
        .ORIG x3000
LOOP    TRAP x31
        OUT
        TRAP x31
        OUT
        TRAP x31
        OUT
        BR   LOOP
        .END
