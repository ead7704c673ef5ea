/* samples/machine/x86/instructions.h - instructions of x86-64 that programs die of, for assembly
 *
 * samples/machine/ has the same names for each machine; the build chooses one.
 */
#ifndef SAMPLES_INSTRUCTIONS_H
#define SAMPLES_INSTRUCTIONS_H

#define INSTRUCTION_INVALID   "ud2"
#define INSTRUCTION_TRAP      "int3"
#define INSTRUCTION_STORE_16  "movb $1, 16"                    /* to address 16 */
#define INSTRUCTION_PUSH_LOW  "mov $0x1000, %rsp\n\tpush %rax" /* a stack near address 0 */
#define INSTRUCTION_RETURN_0  "xor %esp, %esp\n\tret"          /* from a stack at address 0 */
#define INSTRUCTION_DIVIDE    "xor %%ecx, %%ecx\n\tdivl %%ecx" /* by 0 */
#define INSTRUCTION_REGISTERS "eax", "ecx", "edx", "cc"

/* push %rbp; mov %rsp,%rbp; xor %eax,%eax; mov %eax,(%rax) */
#define CODE_THAT_CRASHES 0x55, 0x48, 0x89, 0xe5, 0x31, 0xc0, 0x89, 0x00
/* push %rbp; mov %rsp,%rbp; call *%rdi; pop %rbp; ret */
#define CODE_THAT_CALLS 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3

/* Words of struct user_regs_struct: the number of the system call, and the stack pointer. */
#define MACHINE_WORD_CALL 15
#define MACHINE_WORD_SP   19

#define MACHINE_OF_ELF    EM_X86_64
#define MACHINE_LAST_PAGE 0x7ffffffff000 /* beyond the last address of a process */

/* Whether a division by 0 is a fault. */
#define MACHINE_DIVIDE_FAULTS 1

#endif
