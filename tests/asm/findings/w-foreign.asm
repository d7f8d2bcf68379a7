; expect warning foreign 6:5-10: .BREAK is a directive of another tool
; expect warning foreign 7:3-6: JMPT is another machine's; read as JMP
; expect warning foreign 8:5-11: .EXPORT is a directive of another tool
.ORIG x3000
    BR A
    .BREAK
A JMPT R2
    .EXPORT A
.END
