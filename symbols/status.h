/* symbols/status.h - the result type of symbols/ */
#ifndef SYMBOLS_STATUS_H
#define SYMBOLS_STATUS_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum symbols_status {
	SYMBOLS_OK,
	SYMBOLS_NOT_FOUND, /* the requested part does not exist */
	SYMBOLS_FOREIGN,   /* not an ELF file of a supported machine */
	SYMBOLS_CORRUPT,   /* a size, offset or encoding is invalid */
	SYMBOLS_LIMIT,     /* valid as far as it was read, but exceeds a limit */
	SYMBOLS_REFUSED, /* not a regular file, not the expected file, or not the expected owner */
	SYMBOLS_IO,      /* errno has the reason */
	SYMBOLS_NO_MEMORY,
	SYMBOLS_TIMEOUT,      /* a helper process exceeded its time limit */
	SYMBOLS_MEMORY_LIMIT, /* exceeds what is left of a budget that is shared with others */
};

/* Returns whether a part of a file that fails with it ends the loading of the file, also if the
 * part is optional: it could be there the next time. */
static inline bool symbols_status_ends_load(enum symbols_status status)
{
	return status == SYMBOLS_NO_MEMORY || status == SYMBOLS_TIMEOUT ||
	       status == SYMBOLS_MEMORY_LIMIT;
}

#endif
