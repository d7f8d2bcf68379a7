; expect error 4:5-9: .ENDM without .MACRO before it
.ORIG x3000
    HALT
    .ENDM
.END
