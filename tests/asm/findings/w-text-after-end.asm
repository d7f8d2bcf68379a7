; expect warning text-after-end 5:1-4: text behind .END is ignored
.ORIG x3000
    HALT
.END
that is all
it's over
