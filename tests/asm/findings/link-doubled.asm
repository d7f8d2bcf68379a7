; with link-doubled.inc
; expect error 2:1-1: the global name A is defined in two sources
; expect note 6:1-1: the other definition is here
.ORIG x3000
    .GLOBAL A
A HALT
.END
