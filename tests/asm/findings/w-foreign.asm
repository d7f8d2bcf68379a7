; expect warning foreign 7:5-10: .BREAK is a directive of another tool
; expect warning foreign 8:3-6: PUTC is a mnemonic of another tool; read as OUT
; expect warning foreign 9:5-8: JMPT is a mnemonic of another tool; read as JMP R2
; expect warning foreign 10:5-11: .EXPORT is a directive of another tool
.ORIG x3000
    BR A
    .BREAK
A PUTC
    JMPT R2
    .EXPORT A
.END
