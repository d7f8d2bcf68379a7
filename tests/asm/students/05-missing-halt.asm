; expect warning falls-into-data 6:5-8: execution runs from here into data
; expect note 7:5-17: the data is here
; expect hint: a HALT, a return or a jump is missing between them
.ORIG x3000
    LEA R0, MSG
    PUTS
MSG .STRINGZ "hi"
.END
