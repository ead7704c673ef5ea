/* symbols/kallsyms.h - the functions of the kernel by address
 *
 * A lookup returns symbol + offset: absolute addresses of the kernel are for root only. */
#ifndef SYMBOLS_KALLSYMS_H
#define SYMBOLS_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define KALLSYMS_SYMBOLS_MAX     500000u
#define KALLSYMS_NAMES_MAX_BYTES (16u << 20) /* struct kallsyms_entry has 24 bits */
/* An address further than this from a symbol lies in a gap, not in a function. */
#define KALLSYMS_FUNCTION_MAX_BYTES (4u << 20)

/* Linux 6.4 and later have a symbol __pfx_NAME for the padding before each function, which is half
 * of all symbols. */
#define KALLSYMS_PADDING_PREFIX    "__pfx_"
#define KALLSYMS_PADDING_MAX_BYTES 255u

struct kallsyms_entry {
	uint64_t address;
	uint32_t name;
	uint32_t module : 24;       /* name of the module; 0 for the kernel */
	uint32_t padding_bytes : 8; /* before the function, which belong to it (__pfx_NAME) */
};

struct kallsyms {
	struct kallsyms_entry *entries; /* by address, one for each */
	size_t count;
	char *names;
	size_t names_bytes;
};

struct kernel_symbol {
	const char *name;      /* lives as long as the table */
	const char *module;    /* "[kernel]", or the name of the module */
	uint64_t offset_bytes; /* 0 in the padding before the function */
};

/* Reads the functions of /proc/kallsyms from `fd`; the caller must call kallsyms_release(). Returns
 * REFUSED if the kernel hides the addresses (all are 0): reading them requires CAP_SYSLOG, and
 * kernel.kptr_restrict below 2. Otherwise LIMIT, IO or NO_MEMORY. */
MUST_CHECK enum symbols_status kallsyms_read(int fd, struct kallsyms *ret_kallsyms);

/* Frees the memory and zeroes the table, which may be zeroed already. */
void kallsyms_release(struct kallsyms *kallsyms);

/* Finds the last function that starts at or before `address`. Returns false if there is none within
 * KALLSYMS_FUNCTION_MAX_BYTES. Modules that were loaded after the table was read are not in it. */
MUST_CHECK bool kallsyms_find(const struct kallsyms *kallsyms, uint64_t address,
			      struct kernel_symbol *ret_symbol);

#endif
