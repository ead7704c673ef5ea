/* record/output/naming.c - default and numbered names of files */
#include "record/output/naming.h"

#include <stdio.h>
#include <string.h>

#define NAMING_SUFFIX ".dz"

bool naming_default(const char *host, time_t when, char *name, size_t capacity)
{
	char time_text[32];
	struct tm local;
	int length;

	if (!localtime_r(&when, &local) ||
	    strftime(time_text, sizeof(time_text), "%Y%m%d-%H%M%S", &local) == 0)
		return false;
	length = snprintf(name, capacity, "diag-%s-%s" NAMING_SUFFIX, host, time_text);
	if (length < 0 || (size_t)length >= capacity)
		return false;
	/* The name of a host can contain any byte. */
	for (char *slash = name; (slash = strchr(slash, '/')) != NULL;)
		*slash = '_';
	return true;
}

bool naming_piece(const char *path, unsigned int number, char *name, size_t capacity)
{
	size_t length = strlen(path);
	const size_t suffix_length = strlen(NAMING_SUFFIX);
	const char *suffix = "";
	int printed;

	if (length > suffix_length && strcmp(path + length - suffix_length, NAMING_SUFFIX) == 0) {
		suffix = NAMING_SUFFIX;
		length -= suffix_length;
	}
	if (number <= 1)
		printed = snprintf(name, capacity, "%s", path);
	else
		printed = snprintf(name, capacity, "%.*s-%u%s", (int)length, path, number, suffix);
	return printed >= 0 && (size_t)printed < capacity;
}
