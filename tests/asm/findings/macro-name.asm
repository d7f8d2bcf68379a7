; expect error 9:12-12: A is a label already
; expect note 8:1-1: it is defined here
; expect error 11:5-10: .MACRO takes a name and at most 63 parameters
; expect hint: .MACRO name [parameter ...]
; expect error 13:5-10: .MACRO takes a name and at most 63 parameters
; expect hint: .MACRO name [parameter ...]
.ORIG x3000
A HALT
    .MACRO A
    .ENDM
    .MACRO
    .ENDM
    .MACRO 5
    .ENDM
.END
