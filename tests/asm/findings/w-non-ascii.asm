; expect warning non-ascii 4:18-18: a character that is not ASCII: it becomes 2 words, one per byte
.ORIG x3000
    HALT
    .STRINGZ "café"
.END
