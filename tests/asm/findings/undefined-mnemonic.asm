; expect error 3:12-14: OUT is no label here
.ORIG x3000
    LD R0, OUT
    HALT
.END
