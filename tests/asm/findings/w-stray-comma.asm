; expect warning stray-comma 5:14-15: two commas before this
; expect warning stray-comma 6:20-20: a comma at the end of the line
; expect warning stray-comma 7:7-10: a comma before the first word of the line
.ORIG x3000
    ADD R0,, R0, #1
    ADD R0, R0, #1,
    , HALT
.END
