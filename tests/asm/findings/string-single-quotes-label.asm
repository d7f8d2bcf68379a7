; A mnemonic before data is a label, also when the data is wrong.
; expect warning label-name 7:1-3: a label named like an instruction: OUT
; expect error 7:14-17: single quotes hold one character
; expect hint: strings stand in double quotes
.ORIG x3000
    LEA R0, OUT
OUT .STRINGZ 'no'
.END
