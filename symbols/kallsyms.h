/* symbols/kallsyms.h - names for the addresses of the kernel
 *
 * What comes out is symbol + offset: absolute addresses of the kernel are nobody's business but
 * root's. */
#ifndef SYMBOLS_KALLSYMS_H
#define SYMBOLS_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define KALLSYMS_SYMBOLS_MAX     500000u
#define KALLSYMS_NAMES_MAX_BYTES (24u << 20)
/* Beyond this behind a symbol lies no function but a gap that no symbol ends. */
#define KALLSYMS_FUNCTION_MAX_BYTES (4u << 20)

struct kallsyms_entry {
	uint64_t address;
	uint32_t name;
	uint32_t module; /* name of the module; 0 for the kernel itself */
};

struct kallsyms {
	struct kallsyms_entry *entries; /* by address, one for each */
	size_t count;
	char *names;
	size_t names_bytes;
};

struct kernel_symbol {
	const char *name;   /* lives as long as the table */
	const char *module; /* "[kernel]", or the name of the module */
	uint64_t offset_bytes;
};

/* Reads the functions of /proc/kallsyms from `fd`. REFUSED if the kernel hides the addresses (all
 * are 0): reading them takes CAP_SYSLOG, and kernel.kptr_restrict below 2. */
MUST_CHECK enum symbols_status kallsyms_read(int fd, struct kallsyms *ret_kallsyms);

/* A zeroed or released table may be released again. */
void kallsyms_release(struct kallsyms *kallsyms);

/* False if the address lies before or far behind all functions. A module loaded since the table was
 * read is missing in it. */
MUST_CHECK bool kallsyms_find(const struct kallsyms *kallsyms, uint64_t address,
			      struct kernel_symbol *ret_symbol);

#endif
