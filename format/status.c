/* format/status.c - result type of libdz */
#include <dz/status.h>

#include <stddef.h>

static const char *const phrases[] = {
	[DZ_OK] = "no error",
	[DZ_END] = "end of the data",
	[DZ_TRUNCATED] = "truncated",
	[DZ_CORRUPT] = "damaged",
	[DZ_UNSUPPORTED] = "requires a newer version of this program",
	[DZ_FOREIGN] = "not a .dz file",
	[DZ_LIMIT] = "exceeds a limit of the reader",
	[DZ_IO] = "input/output error",
	[DZ_NO_MEMORY] = "out of memory",
};

const char *dz_status_phrase(enum dz_status status)
{
	size_t index = (size_t)status;

	if (index >= sizeof(phrases) / sizeof(phrases[0]))
		return "unknown error";
	return phrases[index];
}
