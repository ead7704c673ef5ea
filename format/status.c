/* format/status.c - the one result type of libdz */
#include <dz/status.h>

#include <stddef.h>

static const char *const phrases[] = {
	[DZ_OK] = "no error",
	[DZ_END] = "end of the data",
	[DZ_TRUNCATED] = "the file ends too early",
	[DZ_CORRUPT] = "the file is damaged",
	[DZ_UNSUPPORTED] = "the file needs a newer version of this program",
	[DZ_FOREIGN] = "this is not a .dz file",
	[DZ_LIMIT] = "a limit of the reader was reached",
	[DZ_IO] = "input or output failed",
	[DZ_NO_MEMORY] = "not enough memory",
};

const char *dz_status_phrase(enum dz_status status)
{
	size_t index = (size_t)status;

	if (index >= sizeof(phrases) / sizeof(phrases[0]))
		return "unknown error";
	return phrases[index];
}
