; expect error 6:13-19: LEA wants a label or an offset here, not the string "hello"
; expect hint: strings belong behind .STRINGZ; name the string's label here
; expect error 7:11-13: .FILL takes a number, a character or a label, not the string "x"
; expect hint: strings belong behind .STRINGZ; one character is written 'c'
.ORIG x3000
    LEA R0, "hello"
    .FILL "x"
    HALT
.END
