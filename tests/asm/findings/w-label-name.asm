; expect warning label-name 7:1-4: a label named like an instruction: HALT
; expect warning label-name 8:1-2: a label that looks like a number: b1
; expect warning label-name 9:1-2: a label named like a register: R1
; expect warning label-name 10:1-3: a label that begins with a digit: 2ND
; expect warning label-name 11:1-3: a label named like an instruction: ADD
.ORIG x3000
HALT .FILL 1
b1 .FILL 2
R1 .FILL 3
2ND .FILL 4
ADD: .FILL 5
.END
