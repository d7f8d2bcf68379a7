; expect error 4:17-19: 0xG is neither a number nor a label
; expect hint: decimals are written #10, hexadecimals x1F, binaries b1010
.ORIG x3000
    ADD R0, R0, 0xG
    HALT
.END
