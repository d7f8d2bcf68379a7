; with link-hint.inc
; expect error 5:9-14: the label HELPER is not defined
; expect hint: link-hint.inc has it: write .EXTERNAL HELPER
.ORIG x3000
    JSR HELPER
    HALT
.END
