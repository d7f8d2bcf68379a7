; expect warning unknown-escape 4:16-17: \q means nothing; both characters are kept
.ORIG x3000
    HALT
    .STRINGZ "a\qb"
.END
