; expect error 6:8-12: 2LOOP is neither a number nor a label
; expect hint: decimals are written #10, hexadecimals x1F, binaries b1010
; expect error 7:12-15: 12AB is neither a number nor a label
; expect hint: decimals are written #10, hexadecimals x1F, binaries b1010
.ORIG x3000
    BR 2LOOP
    LD R0, 12AB
    HALT
.END
