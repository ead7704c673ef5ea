/* bpf/arch/x86/machine.h - the registers of x86-64 as user space needs them; part of event.h */
#ifndef BPF_MACHINE_H
#define BPF_MACHINE_H

#define MACHINE_REGISTER_WORDS 21 /* of struct pt_regs that are copied */

/* Indices into them. */
#define MACHINE_WORD_BP   4
#define MACHINE_WORD_IP   16
#define MACHINE_WORD_MODE 17 /* the code segment */
#define MACHINE_WORD_SP   19

#define MACHINE_CODE_SEGMENT_32BIT 0x23
#define MACHINE_CODE_SEGMENT_64BIT 0x33

/* Whether a value of MACHINE_WORD_MODE is that of such code. */
#define MACHINE_MODE_IS_32BIT(mode) ((mode) == MACHINE_CODE_SEGMENT_32BIT)
#define MACHINE_MODE_IS_64BIT(mode) ((mode) == MACHINE_CODE_SEGMENT_64BIT)

/* ELF machine numbers, by which system calls have their names. */
#define MACHINE_ELF       62 /* EM_X86_64 */
#define MACHINE_ELF_32BIT 3  /* EM_386 */

/* Functions that share a link pass the stack pointer at returns, since Linux 7.0. */
#define MACHINE_RETURNS_PASS_SP 1

#endif
