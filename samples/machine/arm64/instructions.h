/* samples/machine/arm64/instructions.h - instructions of arm64 that programs die of, for assembly
 *
 * samples/machine/ has the same names for each machine; the build chooses one.
 */
#ifndef SAMPLES_INSTRUCTIONS_H
#define SAMPLES_INSTRUCTIONS_H

#define INSTRUCTION_INVALID  "udf #0"
#define INSTRUCTION_TRAP     "brk #0"
#define INSTRUCTION_STORE_16 "mov x0, #16\n\tstrb wzr, [x0]" /* to address 16 */
/* A stack near address 0. */
#define INSTRUCTION_PUSH_LOW  "mov x0, #0x1000\n\tmov sp, x0\n\tstr x0, [sp, #-8]!"
#define INSTRUCTION_RETURN_0  "mov x0, xzr\n\tmov sp, x0\n\tldp x29, x30, [sp]\n\tret"
#define INSTRUCTION_DIVIDE    "mov w0, wzr\n\tudiv w0, w0, w0"
#define INSTRUCTION_REGISTERS "x0"

/* stp x29, x30, [sp, #-16]!; mov x29, sp; mov x0, #0; str wzr, [x0] */
#define CODE_THAT_CRASHES                                                                          \
	0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x00, 0x00, 0x80, 0xd2, 0x1f, 0x00, 0x00,  \
		0xb9
/* stp x29, x30, [sp, #-16]!; mov x29, sp; blr x0; ldp x29, x30, [sp], #16; ret */
#define CODE_THAT_CALLS                                                                            \
	0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x00, 0x00, 0x3f, 0xd6, 0xfd, 0x7b, 0xc1,  \
		0xa8, 0xc0, 0x03, 0x5f, 0xd6

/* Words of struct user_regs_struct: the number of the system call, and the stack pointer. */
#define MACHINE_WORD_CALL 8
#define MACHINE_WORD_SP   31

#define MACHINE_OF_ELF    EM_AARCH64
#define MACHINE_LAST_PAGE 0xfffffffff000 /* beyond the last address of a process */

/* Whether a division by 0 is a fault: here its result is 0. */
#define MACHINE_DIVIDE_FAULTS 0

#endif
