/* symbols/status.c - phrases for the results of symbols/ */
#include "symbols/status.h"

static const char *const phrases[] = {
	[SYMBOLS_OK] = "no error",
	[SYMBOLS_NOT_FOUND] = "not found",
	[SYMBOLS_FOREIGN] = "not an ELF file of this machine",
	[SYMBOLS_CORRUPT] = "damaged ELF file",
	[SYMBOLS_LIMIT] = "larger than the limit",
	[SYMBOLS_REFUSED] = "not the expected file",
	[SYMBOLS_IO] = "input/output error",
	[SYMBOLS_NO_MEMORY] = "out of memory",
	[SYMBOLS_TIMEOUT] = "took too long",
};

const char *symbols_status_phrase(enum symbols_status status)
{
	if ((unsigned int)status >= sizeof(phrases) / sizeof(phrases[0]))
		return "unknown status";
	return phrases[status];
}
