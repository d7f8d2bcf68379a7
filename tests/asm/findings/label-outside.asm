; expect error 2:1-1: this label stands in no block
A
