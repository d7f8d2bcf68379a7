; expect error 6:11-16: #65536 does not fit in 16 bits (-32768 to 65535)
; expect error 7:11-16: x10000 does not fit in 16 bits (-32768 to 65535)
; expect error 8:11-17: #-32769 does not fit in 16 bits (-32768 to 65535)
; expect error 9:11-40: 123456789012345678901234567890 does not fit in 16 bits (-32768 to 65535)
.ORIG x3000
    .FILL #65536
    .FILL x10000
    .FILL #-32769
    .FILL 123456789012345678901234567890
.END
