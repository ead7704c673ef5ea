/* analyze/cause/short_text.c - the text of a cause for a line that names its class */
#include "analyze/cause/short_text.h"

#include <stddef.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What follows the number of the signal, and what it becomes. */
static const struct {
	const char *text;
	const char *shorter;
} parts[] = {
	{", segmentation fault ", " "},
	{", bus error ", " "},
	{", sent by ", " sent by "},
	{", by ", " by "},
};

static const char *skip(const char *text, const char *start)
{
	size_t size = strlen(start);

	return strncmp(text, start, size) == 0 ? text + size : NULL;
}

void short_text_write(FILE *out, const char *text)
{
	const char *signal = skip(text, "killed by ");
	const char *number = signal ? strstr(signal, " (") : NULL;
	const char *rest = number ? strchr(number, ')') : NULL;

	if (!rest) {
		fputs(text, out);
		return;
	}
	fwrite(signal, 1, (size_t)(number - signal), out);
	rest++;
	for (size_t i = 0; i < COUNT(parts); i++) {
		const char *after = skip(rest, parts[i].text);

		if (!after)
			continue;
		fputs(parts[i].shorter, out);
		rest = after;
		break;
	}
	fputs(rest, out);
}
