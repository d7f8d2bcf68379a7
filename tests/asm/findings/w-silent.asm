; option strict
; expect error label-colon 14:1-3: a colon behind the label
; expect error label-form 14:1-3: the book's labels are at most 20 letters and digits
; expect error missing-comma 14:13-14: no comma before this
; expect error plain-decimal 14:16-16: the book writes decimals with '#'
; expect error missing-comma 14:16-16: no comma before this
; expect error character 15:11-13: the book has no characters as numbers
; expect error comment 15:25-25: the comment begins with //
; expect error number-form 16:11-14: the book writes numbers #10, x1F or b1010
; expect error literal-offset 17:12-13: an offset in place of a label
; expect error expression 18:11-15: the book has no label with an offset
; expect error directive 19:5-13: the book has no .STRINGZP
.ORIG x3000
A_B: ADD R0 R0 1
    .FILL 'c' // comment
    .FILL 0x10
    LD R0, #1
    .FILL A_B+1
    .STRINGZP "a"
.END
