/* symbols/unwind_rows.h - the call frame information of one file as a compact table
 *
 * Made for a program that cannot run call frame instructions, such as a BPF program. A row has an
 * address and the number of a rule. It is valid up to the address of the next row. Equal rules have
 * one number in all files. What the rules cannot say is UNWIND_RULE_OTHER: then the stack must be
 * unwound by unwind(). For all other kinds the table gives the same caller as unwind().
 */
#ifndef SYMBOLS_UNWIND_ROWS_H
#define SYMBOLS_UNWIND_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/module.h"
#include "symbols/status.h"

#define UNWIND_RULES_MAX      16384u
#define UNWIND_RULES_FILE_MAX 4096u /* new rules of one file */
#define UNWIND_ROWS_MAX       (4u << 20)
#define UNWIND_ROWS_STEPS_MAX 50000000u /* call frame instructions of one file */

enum unwind_rule_kind {
	UNWIND_RULE_NONE,     /* no call frame information */
	UNWIND_RULE_OTHER,    /* none of the others */
	UNWIND_RULE_END,      /* the outermost frame */
	UNWIND_RULE_SIGNAL,   /* the return path of a signal handler: SP is at a struct ucontext */
	UNWIND_RULE_REGISTER, /* CFA = register + cfa_offset */
	UNWIND_RULE_LOADED,   /* CFA = word at (register + cfa_offset) + addend */
	UNWIND_RULE_PLT,      /* CFA = SP + 8, or SP + 16 if (IP & 15) >= addend */
};

/* Where the frame pointer of the caller is. */
enum unwind_rule_bp {
	UNWIND_BP_SAME,
	UNWIND_BP_AT_CFA, /* at CFA + bp_offset */
	UNWIND_BP_AT_BP,  /* at BP + bp_offset */
	UNWIND_BP_LOST,
};

/* Where the return address is, on arm64. On x86-64 it is at CFA - 8. */
enum unwind_rule_link {
	UNWIND_LINK_AT_CFA, /* at CFA + addend */
	UNWIND_LINK_SAME,   /* in the register x30 */
};

/* Except for END and SIGNAL, SP of the caller is the CFA. */
struct unwind_rule {
	uint8_t kind;      /* enum unwind_rule_kind */
	uint8_t is_bp;     /* 1: the register of the CFA is BP; 0: SP */
	uint8_t bp_kind;   /* enum unwind_rule_bp */
	uint8_t link_kind; /* enum unwind_rule_link */
	int32_t cfa_offset;
	int32_t bp_offset;
	int32_t addend;
};

struct unwind_row {
	uint32_t delta; /* address, minus base_address */
	uint16_t rule;  /* number in the rule set */
	uint16_t reserved;
};

/* The rows of one file, by address. The first one is at delta 0. */
struct unwind_rows {
	uint64_t base_address; /* as linked */
	struct unwind_row *rows;
	size_t count;
};

/* The rules of all files. Numbers 0 and 1 are NONE and OTHER. */
struct unwind_rule_set;

/* Returns NULL on allocation failure. */
struct unwind_rule_set *unwind_rule_set_new(void);
/* NULL is allowed. */
void unwind_rule_set_free(struct unwind_rule_set *set);

/* Sets *ret_count to the number of rules, which only grows. Returns the rules. They are valid as
 * long as the set, and never change. */
const struct unwind_rule *unwind_rule_set_rules(const struct unwind_rule_set *set,
						size_t *ret_count);

/* Makes the table of a module of that machine (EM_X86_64 or EM_AARCH64). Adds new rules to the set.
 * The caller must call unwind_rows_release(). Returns NOT_FOUND for a module without call frame
 * information or of another machine, LIMIT beyond UNWIND_ROWS_MAX or UNWIND_ROWS_STEPS_MAX, or
 * NO_MEMORY. */
MUST_CHECK enum symbols_status unwind_rows_build(const struct module *module, uint16_t machine,
						 struct unwind_rule_set *set,
						 struct unwind_rows *ret_rows);

/* Frees the rows. The table is empty afterwards. */
void unwind_rows_release(struct unwind_rows *rows);

/* Returns the number of the rule for an address (as linked). */
uint32_t unwind_rows_find(const struct unwind_rows *rows, uint64_t address);

/* Reduces a row of call frame information of x86-64 to a rule. */
struct unwind_rule unwind_rule_of_row(const struct cfi_row *row);

/* Reduces one of arm64, whose kinds are END, REGISTER and OTHER. */
struct unwind_rule unwind_rule_of_arm64_row(const struct cfi_row *row);

/* Returns the one of these that reduces rows of a machine; NULL: none does. */
typedef struct unwind_rule (*unwind_rule_of)(const struct cfi_row *row);
unwind_rule_of unwind_rule_maker(uint16_t machine);

#endif
