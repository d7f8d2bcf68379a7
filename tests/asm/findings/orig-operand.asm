; expect error 10:1-5: .ORIG takes one number, the address
; expect hint: .ORIG x3000
; expect error 12:7-9: .ORIG takes one number, the address
; expect hint: .ORIG x3000
; expect error 15:7-11: .ORIG takes one number, the address
; expect hint: .ORIG x3000
; expect error 17:7-12: x10000 is no address (x0000 to xFFFF)
; expect error 19:7-8: -1 is no address (x0000 to xFFFF)
; expect error 21:7-11: xFE00 is device space: programs load below xFE00
.ORIG
.END
.ORIG FOO
.FILL 1
.END
.ORIG x3000 x4000
.END
.ORIG x10000
.END
.ORIG -1
.END
.ORIG xFE00
.END
