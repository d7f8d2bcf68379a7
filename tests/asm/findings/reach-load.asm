; expect error 11:12-14: FAR is out of reach: 303 words ahead, and 9 bits reach -256 to 255
; expect note 16:1-3: the label is here, at x3130
; expect hint: use LDI with a .FILL FAR nearby, or move the label 48 words closer
; expect error 12:12-14: FAR is out of reach: 302 words ahead, and 9 bits reach -256 to 255
; expect note 16:1-3: the label is here, at x3130
; expect hint: use STI with a .FILL FAR nearby, or move the label 47 words closer
; expect error 13:13-15: FAR is out of reach: 301 words ahead, and 9 bits reach -256 to 255
; expect note 16:1-3: the label is here, at x3130
; expect hint: put .FILL FAR nearby and use LD, or move the label 46 words closer
.ORIG x3000
    LD R0, FAR
    ST R0, FAR
    LEA R1, FAR
    HALT
    .BLKW 300
FAR .FILL 0
.END
