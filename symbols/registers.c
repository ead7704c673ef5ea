/* symbols/registers.c - the registers of each machine, for the unwinder */
#include "symbols/registers.h"

#include <elf.h>
#include <string.h>

/* DWARF numbers, System V psABI for x86-64, figure 3.36. */
enum {
	RAX = 0,
	RDX = 1,
	RCX = 2,
	RBX = 3,
	RSI = 4,
	RDI = 5,
	RBP = 6,
	RSP = 7,
	R8 = 8,
	R9 = 9,
	R10 = 10,
	R11 = 11,
	R12 = 12,
	R13 = 13,
	R14 = 14,
	R15 = 15,
	RIP = 16,
	NONE = REGISTERS_MAX,
};

const struct register_layout registers_x86_64 = {
	.name = "x86-64",
	.elf_machine = EM_X86_64,
	.word_bytes = 8,
	.count = 17,
	.instruction_pointer = RIP,
	.stack_pointer = RSP,
	.frame_pointer = RBP,
	.call_pushes_return_address = true,
	.has_prologues = true,
	.code_address_mask = UINT64_MAX,
	.mode_word = 17, /* the code segment */
	.mode_narrow = 0x23,
	.narrow = &registers_i386,
	.pt_regs = {R15,
		    R14,
		    R13,
		    R12,
		    RBP,
		    RBX,
		    R11,
		    R10,
		    R9,
		    R8,
		    RAX,
		    RCX,
		    RDX,
		    RSI,
		    RDI,
		    NONE /* orig_rax */,
		    RIP,
		    NONE /* cs */,
		    NONE /* eflags */,
		    RSP},
	.pt_regs_count = 20,
	/* struct ucontext up to uc_mcontext: uc_flags, uc_link, uc_stack. */
	.signal_offset_bytes = 40,
	.signal_words = {R8, R9, R10, R11, R12, R13, R14, R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX,
			 RSP, RIP},
	.signal_word_count = 17,
};

/* DWARF numbers, System V psABI for i386, table 2.14. */
enum {
	EAX = 0,
	ECX = 1,
	EDX = 2,
	EBX = 3,
	ESP = 4,
	EBP = 5,
	ESI = 6,
	EDI = 7,
	EIP = 8,
};

/* Signal handlers return through the vDSO, whose call frame information leads to the interrupted
 * code. */
const struct register_layout registers_i386 = {
	.name = "i386",
	.elf_machine = EM_386,
	.word_bytes = 4,
	.count = 9,
	.instruction_pointer = EIP,
	.stack_pointer = ESP,
	.frame_pointer = EBP,
	.call_pushes_return_address = true,
	.code_address_mask = UINT64_MAX,
	.pt_regs = {NONE,
		    NONE,
		    NONE,
		    NONE,
		    EBP,
		    EBX,
		    NONE,
		    NONE,
		    NONE,
		    NONE,
		    EAX,
		    ECX,
		    EDX,
		    ESI,
		    EDI,
		    NONE /* orig_ax */,
		    EIP,
		    NONE /* cs */,
		    NONE /* eflags */,
		    ESP},
	.pt_regs_count = 20,
};

/* DWARF numbers of AArch64: x0 to x30, then SP and PC. */
enum {
	X29 = 29,
	X30 = 30,
	SP = 31,
	PC = 32,
};

#define X_0_TO_30                                                                                  \
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,  \
		25, 26, 27, 28, X29, X30

const struct register_layout registers_arm64 = {
	.name = "arm64",
	.elf_machine = EM_AARCH64,
	.word_bytes = 8,
	.count = 33,
	.instruction_pointer = PC,
	.stack_pointer = SP,
	.frame_pointer = X29,
	.return_register = X30,
	/* Return addresses can be signed, in the bits above those of an address. */
	.code_address_mask = (UINT64_C(1) << 48) - 1,
	.pt_regs = {X_0_TO_30, SP, PC, NONE /* PSTATE */},
	.pt_regs_count = 34,
	/* struct siginfo, and struct ucontext up to the registers: the signal mask has 128 bytes,
	 * the context of the processor is at a multiple of 16 and begins with the address of the
	 * fault. */
	.signal_offset_bytes = 312,
	.signal_words = {X_0_TO_30, SP, PC},
	.signal_word_count = 33,
	/* The vDSO describes the frame record that links to the interrupted code, not its PC. */
	.signal_rows_are_partial = true,
};

const struct register_layout *registers_of_pt_regs(const uint64_t *words, size_t count)
{
	const struct register_layout *native = registers_native();

	return native->narrow && count > native->mode_word &&
			       words[native->mode_word] == native->mode_narrow
		       ? native->narrow
		       : native;
}

const struct register_layout *registers_native(void)
{
	return &REGISTERS_NATIVE;
}

void registers_from_pt_regs(const struct register_layout *layout, const uint64_t *words,
			    size_t count, struct registers *ret_registers)
{
	memset(ret_registers, 0, sizeof(*ret_registers));
	for (size_t i = 0; i < count && i < layout->pt_regs_count; i++) {
		if (layout->pt_regs[i] < layout->count)
			registers_set(ret_registers, layout->pt_regs[i], words[i]);
	}
}
