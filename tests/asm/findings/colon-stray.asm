; expect error 3:17-17: a colon stands only behind a label
.ORIG x3000
    ADD R0, R0, : 1
    HALT
.END
