; expect error 3:5-18: this stands before .ORIG, so it has no address
; expect note 4:1-5: .ORIG is here
    ADD R0, R0, #1
.ORIG x3000
    HALT
.END
