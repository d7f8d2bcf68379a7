; with link-ambiguous-1.inc
; with link-ambiguous-2.inc
; expect error 8:15-15: the external name A is a label in two sources
; expect note 1:1-1: here
; expect note 1:1-1: and here
; expect hint: say .GLOBAL A in the one that is meant
.ORIG x3000
    .EXTERNAL A
    JSR A
    HALT
.END
