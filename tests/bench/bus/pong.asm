; pong.asm -- sends every word back.
        .ORIG   x3000
NEXT    TRAP    x31                     ; RECV
        TRAP    x30                     ; SEND
        BR      NEXT
        .END
