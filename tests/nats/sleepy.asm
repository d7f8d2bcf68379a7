; Reads a word about every ten microseconds of work.
        .ORIG x3000
LOOP    LD   R3, WORK
INNER   ADD  R3, R3, #-1
        BRp  INNER
        TRAP x31
        BR   LOOP
WORK    .FILL 10000
        .END
