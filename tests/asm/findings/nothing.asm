; expect error 1:1-1: nothing to assemble: no instruction and no data
; expect hint: a program begins with .ORIG x3000 and ends with .END
; only a comment
