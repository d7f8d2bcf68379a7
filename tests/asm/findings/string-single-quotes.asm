; expect error 8:14-20: single quotes hold one character
; expect hint: strings stand in double quotes
; expect error 9:11-14: single quotes hold one character
; expect hint: strings stand in double quotes
; expect error 10:11-12: single quotes hold one character
; expect hint: strings stand in double quotes
.ORIG x3000
    .STRINGZ 'hello'
    .FILL 'ab'
    .FILL ''
.END
