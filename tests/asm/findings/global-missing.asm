; expect error 3:13-19: the global name NOWHERE is not defined
.ORIG x3000
    .GLOBAL NOWHERE
    HALT
.END
