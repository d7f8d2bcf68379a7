; expect error 9:5-9: .BLKW needs an operand
; expect hint: .BLKW count [value]
; expect error 10:11-12: -1 is no number of words (0 to 65535)
; expect error 11:11-11: .BLKW takes a number of words, not the label A
; expect error 12:11-15: 70000 is no number of words (0 to 65535)
; expect error 13:15-15: .BLKW takes two operands
; expect hint: .BLKW count [value]
.ORIG x3000
    .BLKW
    .BLKW -1
    .BLKW A
    .BLKW 70000
    .BLKW 1 2 3
A .FILL A
.END
