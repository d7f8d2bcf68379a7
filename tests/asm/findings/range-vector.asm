; expect error 4:10-13: x100 does not fit in 8 bits (0 to 255)
; expect error 5:10-12: -1 does not fit in 8 bits (0 to 255)
.ORIG x3000
    TRAP x100
    TRAP #-1
.END
