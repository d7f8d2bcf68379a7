; expect error 6:5-8: there is no instruction HATL
; expect hint: did you mean HALT?
.ORIG x3000
    LEA R0, MSG
    PUTS
    HATL
MSG .STRINGZ "hi"
.END
