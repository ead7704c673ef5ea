/* record/output/free_space.c - free space of a file system, and how much of it must stay free */
#include "record/output/free_space.h"

#include <string.h>
#include <sys/vfs.h>

#include "text/quantity.h"

#define PERCENT_DIGITS_MAX 3u

static bool free_space_parse_percent(const char *text, size_t digits, unsigned int *ret_percent)
{
	char number[PERCENT_DIGITS_MAX + 1] = "";
	uint64_t percent;

	if (digits > PERCENT_DIGITS_MAX)
		return false;
	memcpy(number, text, digits);
	if (!quantity_parse_count(number, 100, &percent))
		return false;
	*ret_percent = (unsigned int)percent;
	return true;
}

bool free_space_parse(const char *text, struct free_space_floor *ret_floor)
{
	struct free_space_floor floor = {.bytes = UINT64_MAX, .percent = 100};
	size_t size = strlen(text);
	bool parsed;

	if (size > 0 && text[size - 1] == '%')
		parsed = free_space_parse_percent(text, size - 1, &floor.percent);
	else
		parsed = quantity_parse_bytes(text, &floor.bytes);
	if (parsed)
		*ret_floor = floor;
	return parsed;
}

uint64_t free_space_kept(const struct free_space_floor *floor, int fd)
{
	struct statfs system;
	uint64_t share;

	/* Some file systems, and a tmpfs without a limit, have no size. */
	if (fstatfs(fd, &system) != 0 || system.f_blocks == 0)
		return 0;
	share = (uint64_t)((double)system.f_blocks * (double)system.f_bsize *
			   (double)floor->percent / 100.0);
	return floor->bytes < share ? floor->bytes : share;
}

bool free_space_is_short(uint64_t kept, int fd)
{
	struct statfs system;

	if (kept == 0 || fstatfs(fd, &system) != 0)
		return false;
	return (uint64_t)system.f_bavail * (uint64_t)system.f_bsize < kept;
}
