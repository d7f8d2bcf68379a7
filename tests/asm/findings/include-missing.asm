; expect error 7:14-26: nowhere.inc: No such file or directory
; expect error 8:14-20: .INCLUDE takes the name of a file in quotes
; expect hint: .INCLUDE "file"
; expect error 9:14-15: .INCLUDE takes the name of a file in quotes
; expect hint: .INCLUDE "file"
.ORIG x3000
    .INCLUDE "nowhere.inc"
    .INCLUDE nowhere
    .INCLUDE ""
    HALT
.END
