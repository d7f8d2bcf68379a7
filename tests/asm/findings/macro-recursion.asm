; expect error 1:5-9: macro calls are nested more than 64 deep
; expect note 1:5-9: in the macro called here
; expect note 1:5-9: in the macro called here
; expect note 1:5-9: in the macro called here
; expect note 10:5-9: in the macro called here
.ORIG x3000
.MACRO AGAIN
    AGAIN
.ENDM
    AGAIN
    HALT
.END
