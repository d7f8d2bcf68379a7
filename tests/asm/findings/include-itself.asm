; expect error 4:14-33: include-itself.asm includes itself
.ORIG x3000
    HALT
    .INCLUDE "include-itself.asm"
.END
