; expect error 10:5-11: there is no directive .STRING
; expect hint: a string is .STRINGZ "text"
; expect error 11:5-8: there is no directive .FIL
; expect hint: did you mean .FILL (.FILL value)?
; expect error 12:5-9: there is no directive .WORD
; expect hint: a word of data is .FILL value
; expect error 13:5-10: there is no directive .BLOCK
; expect hint: room for data is .BLKW count
.ORIG x3000
    .STRING "a"
    .FIL 1
    .WORD 5
    .BLOCK 2
.END
