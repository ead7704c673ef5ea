/* symbols/registers.h - the registers of a machine, for the unwinder */
#ifndef SYMBOLS_REGISTERS_H
#define SYMBOLS_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF numbers below this are kept. The others (floating point, vector) never affect a call stack.
 */
#define REGISTERS_MAX 33u

/* The integer registers of one frame, by DWARF number. */
struct registers {
	uint64_t value[REGISTERS_MAX];
	uint64_t known; /* bit N: value[N] is valid */
};

#define REGISTERS_CONTEXT_MAX 34u

/* Describes one machine; no other part of symbols/ depends on its registers. */
struct register_layout {
	const char *name;
	uint16_t elf_machine; /* EM_... */
	uint8_t word_bytes;   /* of a register and an address */
	uint8_t count;        /* DWARF numbers 0..count-1 are kept */
	uint8_t instruction_pointer;
	uint8_t stack_pointer;
	uint8_t frame_pointer;
	bool call_pushes_return_address; /* otherwise it is in return_register */
	uint8_t return_register;
	bool has_prologues;         /* x86_prologue_read() knows its instructions */
	uint64_t code_address_mask; /* the bits of an address of code */
	/* The kernel's struct pt_regs is that of a thread of the machine `narrow` if word mode_word
	 * of it has this value; NULL: of none. */
	const struct register_layout *narrow;
	uint8_t mode_word;
	uint64_t mode_narrow;
	/* Word I of the kernel's struct pt_regs is DWARF register pt_regs[I]; REGISTERS_MAX:
	 * none. */
	uint8_t pt_regs[REGISTERS_CONTEXT_MAX];
	uint8_t pt_regs_count;
	/* The frame that the kernel builds for a signal handler. After the handler has returned,
	 * word I at SP + signal_offset_bytes is DWARF register signal_words[I] of the interrupted
	 * code. */
	uint16_t signal_offset_bytes;
	uint8_t signal_words[REGISTERS_CONTEXT_MAX];
	uint8_t signal_word_count;
	bool signal_rows_are_partial; /* call frame information of that place is not used */
};

extern const struct register_layout registers_x86_64;
extern const struct register_layout registers_i386; /* its pt_regs is that of x86-64 */
extern const struct register_layout registers_arm64;

/* Returns the layout of this build's machine, which is static. */
const struct register_layout *registers_native(void);

/* Returns the layout of a thread whose registers the kernel of this machine has in these words of a
 * struct pt_regs. It is static. */
const struct register_layout *registers_of_pt_regs(const uint64_t *words, size_t count);

/* Sets the registers from `count` words of a struct pt_regs, or of ptrace's user_regs_struct, which
 * has the same order. Registers of missing words are unknown. */
void registers_from_pt_regs(const struct register_layout *layout, const uint64_t *words,
			    size_t count, struct registers *ret_registers);

/* Sets *ret_value to the value of a register. Returns false, with *ret_value unchanged, if the
 * register is not kept or its value is unknown. */
static inline bool registers_get(const struct registers *registers, uint64_t number,
				 uint64_t *ret_value)
{
	if (number >= REGISTERS_MAX || !(registers->known >> number & 1))
		return false;
	*ret_value = registers->value[number];
	return true;
}

/* Sets the value of a register; `number` must be below REGISTERS_MAX. */
static inline void registers_set(struct registers *registers, unsigned int number, uint64_t value)
{
	registers->value[number] = value;
	registers->known |= UINT64_C(1) << number;
}

#endif
