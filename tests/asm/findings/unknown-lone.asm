; expect error 8:5-8: there is no instruction HATL
; expect hint: did you mean HALT?
; expect error 10:5-8: there is no instruction RETT
; expect hint: did you mean RET?
; expect error 11:4-7: there is no instruction PUTD
; expect hint: did you mean PUTS?
.ORIG x3000
    HATL
    PUTs
    RETT
L1 PUTD
    BR L1
.END
