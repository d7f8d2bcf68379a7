; hello.asm -- says hello.
;
;     lc3run hello.asm
        .ORIG x3000
        LEA     R0, TEXT
        PUTS
        HALT
TEXT    .STRINGZ "Hello, world!\n"
        .END
