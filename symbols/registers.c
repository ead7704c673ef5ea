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

/* Word 17 of struct pt_regs is the code segment, 0x23 in 32-bit mode. */
#define WORD_CODE_SEGMENT  17
#define CODE_SEGMENT_32BIT 0x23

const struct register_layout *registers_of_pt_regs(const uint64_t *words, size_t count)
{
	return count > WORD_CODE_SEGMENT && words[WORD_CODE_SEGMENT] == CODE_SEGMENT_32BIT
		       ? &registers_i386
		       : &registers_x86_64;
}

const struct register_layout *registers_native(void)
{
	return &registers_x86_64;
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
