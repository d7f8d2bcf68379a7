; string.asm -- text of one character a word, ended by a word x0000.

        .GLOBAL STRING_LENGTH
        .GLOBAL STRING_COMPARE
        .GLOBAL STRING_COPY
        .GLOBAL STRING_FIND
        .GLOBAL STRING_SEARCH
        .GLOBAL STRING_REVERSE

; STRING_LENGTH: counts characters.
;   in       R0: text
;   out      R0: characters before the x0000
;   changes  R0
STRING_LENGTH
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ADD     R1, R0, #0
        AND     R0, R0, #0
LENGTH_NEXT
        LDR     R2, R1, #0
        BRz     LENGTH_END
        ADD     R0, R0, #1
        ADD     R1, R1, #1
        BR      LENGTH_NEXT
LENGTH_END
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET

; STRING_COMPARE: compares by the first word that differs, as unsigned numbers; the
; end counts as x0000.
;   in       R0, R1: two texts
;   out      R0: -1 when the first comes before the second, 0 when equal, else 1;
;            CC is R0's
;   changes  R0
STRING_COMPARE
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
COMPARE_NEXT
        LDR     R2, R0, #0
        LDR     R3, R1, #0
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R3, R2, R3
        BRnp    COMPARE_DIFFERENT
        ADD     R2, R2, #0
        BRz     COMPARE_EQUAL
        ADD     R0, R0, #1
        ADD     R1, R1, #1
        BR      COMPARE_NEXT
COMPARE_DIFFERENT
        LDR     R3, R1, #0
        ADD     R2, R2, #0
        BRn     COMPARE_TOP
        ADD     R3, R3, #0
        BRn     COMPARE_BELOW
        BR      COMPARE_SIGN
COMPARE_TOP
        ADD     R3, R3, #0
        BRzp    COMPARE_ABOVE
COMPARE_SIGN
        NOT     R3, R3                  ; top bits are equal: the difference has a true sign
        ADD     R3, R3, #1
        ADD     R3, R2, R3
        BRn     COMPARE_BELOW
COMPARE_ABOVE
        AND     R0, R0, #0
        ADD     R0, R0, #1
        BR      COMPARE_END
COMPARE_BELOW
        AND     R0, R0, #0
        ADD     R0, R0, #-1
        BR      COMPARE_END
COMPARE_EQUAL
        AND     R0, R0, #0
COMPARE_END
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        ADD     R0, R0, #0
        RET

; STRING_COPY: copies a text with its x0000.
;   in       R0: room for it, R1: text; they must not overlap
;   out      R0: address of the copied x0000, where another text may follow
;   changes  R0
STRING_COPY
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
COPY_NEXT
        LDR     R2, R1, #0
        STR     R2, R0, #0
        BRz     COPY_END                ; the load's CC: STR sets none
        ADD     R0, R0, #1
        ADD     R1, R1, #1
        BR      COPY_NEXT
COPY_END
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        RET

; STRING_FIND: looks for a character.
;   in       R0: text, R1: the character; x0000 finds the end
;   out      R0: address of its first occurrence, or 0
;   changes  R0
STRING_FIND
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        NOT     R3, R1
        ADD     R3, R3, #1
FIND_NEXT
        LDR     R2, R0, #0
        ADD     R2, R2, R3
        BRz     FIND_END
        LDR     R2, R0, #0
        BRz     FIND_NONE
        ADD     R0, R0, #1
        BR      FIND_NEXT
FIND_NONE
        AND     R0, R0, #0
FIND_END
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        RET

; STRING_SEARCH: looks for a text in a text.
;   in       R0: the text, R1: what to look for; an empty one is found at once
;   out      R0: address of its first occurrence, or 0
;   changes  R0
STRING_SEARCH
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
SEARCH_PLACE
        ADD     R4, R0, #0
        LD      R1, SAVE_R1
SEARCH_NEXT
        LDR     R2, R1, #0
        BRz     SEARCH_END              ; all of it is here
        LDR     R3, R4, #0
        BRz     SEARCH_NONE             ; the text is too short from here on
        NOT     R3, R3
        ADD     R3, R3, #1
        ADD     R3, R2, R3
        BRnp    SEARCH_MISS
        ADD     R1, R1, #1
        ADD     R4, R4, #1
        BR      SEARCH_NEXT
SEARCH_MISS
        ADD     R0, R0, #1
        BR      SEARCH_PLACE
SEARCH_NONE
        AND     R0, R0, #0
SEARCH_END
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        RET

; STRING_REVERSE: turns a text round where it stands.
;   in       R0: text
;   changes  nothing but the text
STRING_REVERSE
        ST      R0, SAVE_R0
        ST      R1, SAVE_R1
        ST      R2, SAVE_R2
        ST      R3, SAVE_R3
        ST      R4, SAVE_R4
        ADD     R1, R0, #-1             ; becomes the last character's address
REVERSE_LAST
        LDR     R2, R1, #1
        BRz     REVERSE_SWAP
        ADD     R1, R1, #1
        BR      REVERSE_LAST
REVERSE_SWAP
        NOT     R4, R1                  ; until the two meet, or have just passed
        ADD     R4, R4, #1
        ADD     R4, R4, R0              ; R0 - R1
        BRz     REVERSE_END
        ADD     R4, R4, #-1
        BRz     REVERSE_END
        LDR     R2, R0, #0
        LDR     R3, R1, #0
        STR     R3, R0, #0
        STR     R2, R1, #0
        ADD     R0, R0, #1
        ADD     R1, R1, #-1
        BR      REVERSE_SWAP
REVERSE_END
        LD      R0, SAVE_R0
        LD      R1, SAVE_R1
        LD      R2, SAVE_R2
        LD      R3, SAVE_R3
        LD      R4, SAVE_R4
        RET
SAVE_R0 .BLKW 1
SAVE_R1 .BLKW 1
SAVE_R2 .BLKW 1
SAVE_R3 .BLKW 1
SAVE_R4 .BLKW 1
        .END
