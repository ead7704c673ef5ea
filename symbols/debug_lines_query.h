/* symbols/debug_lines_query.h - a query to a debug file, and one line of the answer */
#ifndef SYMBOLS_DEBUG_LINES_QUERY_H
#define SYMBOLS_DEBUG_LINES_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define DEBUG_LINES_ADDRESSES_MAX    65536u
#define DEBUG_LINES_ANSWER_MAX_BYTES (16u << 20)
#define DEBUG_LINES_NESTING_MAX      64u /* functions inlined into each other at one address */
#define DEBUG_LINES_TIME_LIMIT_MS    10000u

struct debug_lines_query {
	/* Opens the debug file with a build ID, the only files that are opened. Returns NOT_FOUND
	 * if there is none. */
	enum symbols_status (*open)(void *context, const uint8_t *build_id, size_t build_id_bytes,
				    int *ret_fd);
	void *context;
	const uint8_t *build_id;
	size_t build_id_bytes;
	const uint64_t *addresses; /* as linked; a return address minus 1 */
	size_t address_count;
	unsigned int time_limit_ms; /* usually DEBUG_LINES_TIME_LIMIT_MS */
};

/* One function at an address. */
struct debug_line {
	uint32_t address_index; /* into the query's addresses */
	uint32_t line;          /* 0: unknown */
	uint64_t offset;        /* from the start of the function; 0 for an inlined one */
	const char *function;   /* mangled if the language mangles names; "": unknown */
	const char *file;       /* "": unknown */
	bool inlined;           /* into the next function of the same address */
};

#endif
