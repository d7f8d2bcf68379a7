; expect error 5:9-12: the label LOPP is not defined
; expect hint: did you mean LOOP?
.ORIG x3000
LOOP ADD R0, R0, #-1
    BRp LOPP
    HALT
.END
