/* bpf/arch/arm64/machine.h - the registers of arm64 as user space needs them; part of event.h
 */
#ifndef BPF_MACHINE_H
#define BPF_MACHINE_H

#define MACHINE_REGISTER_WORDS 34 /* struct user_pt_regs: x0 to x30, SP, PC, PSTATE */

/* Indices into them. */
#define MACHINE_WORD_BP   29
#define MACHINE_WORD_SP   31
#define MACHINE_WORD_IP   32
#define MACHINE_WORD_MODE 33 /* PSTATE */

/* Whether a value of MACHINE_WORD_MODE is that of such code: exception level 0, AArch64 or AArch32.
 */
#define MACHINE_MODE_IS_32BIT(mode) (((mode)&0x10) != 0)
#define MACHINE_MODE_IS_64BIT(mode) (((mode)&0x1f) == 0)

/* ELF machine numbers, by which system calls have their names. */
#define MACHINE_ELF       183 /* EM_AARCH64 */
#define MACHINE_ELF_32BIT 40  /* EM_ARM */

/* Functions that share a link pass no stack pointer at returns: return_to_handler() saves none. */
#define MACHINE_RETURNS_PASS_SP 0

#endif
