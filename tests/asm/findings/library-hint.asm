; expect error 4:9-16: the label MULTIPLY is not defined
; expect hint: the library has it: write .EXTERNAL MULTIPLY
.ORIG x3000
    JSR MULTIPLY
    HALT
.END
