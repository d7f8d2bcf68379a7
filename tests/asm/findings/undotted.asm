; A directive without its dot.
; expect error 11:5-8: there is no instruction FILL
; expect hint: did you mean .FILL (.FILL value)?
; expect error 12:3-9: there is no instruction STRINGZ
; expect hint: did you mean .STRINGZ (.STRINGZ "text")?
; expect warning lone-word 13:1-3: END is taken as a label, but nothing refers to it
; expect hint: did you mean .END?
; option Wno-missing-end
.ORIG x3000
    HALT
    FILL x3
A STRINGZ "a"
END
