; expect error 4:15-21: nothing defines the external name NOWHERE
; expect hint: assemble it together with the source that has it: -o whole.obj this.asm other.asm
.ORIG x3000
    .EXTERNAL NOWHERE
    LD R0, NOWHERE
    HALT
.END
