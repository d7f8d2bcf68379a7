; expect error 4:13-19: LEA wants a label or an offset here, not the string "hello"
; expect hint: strings belong behind .STRINGZ; name the string's label here
.ORIG x3000
    LEA R0, "hello"
    PUTS
    HALT
.END
