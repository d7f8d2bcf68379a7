; expect warning falls-into-data 6:5-8: execution runs from here into data
; expect note 7:3-14: the data is here
; expect hint: a HALT, a return or a jump is missing between them
.ORIG x3000
    LEA R0, A
    PUTS
A .STRINGZ "a"
.END
