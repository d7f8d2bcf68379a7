; expect error 6:1-4: the label LOOP is defined twice
; expect note 4:1-4: the first definition is here
.ORIG x3000
LOOP ADD R0, R0, #-1
    BRp LOOP
LOOP ADD R1, R1, #-1
    BRp LOOP
    HALT
.END
