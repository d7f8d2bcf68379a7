; expect warning redundant-condition 9:5-9: always taken: no other condition is left here
; expect warning redundant-condition 10:5-9: never taken: the conditions here are others
; expect warning redundant-condition 12:5-10: never taken: the conditions here are others
; expect warning redundant-condition 15:5-10: always taken: no other condition is left here
; expect warning redundant-condition 16:5-9: never taken: the conditions here are others
; expect warning redundant-condition 17:3-7: this branches to the next instruction either way
.ORIG x3000
    AND R0, R0, #0
    BRz D
    BRp D
D AND R0, R0, #0
    BRnp D
A ADD R0, R0, #1
    BRz B
    BRnp A
    BRn A
B BRp C
C HALT
.END
