/* tests/fuzz/arguments.h - a text as the arguments of a program, one a line */
#ifndef TESTS_FUZZ_ARGUMENTS_H
#define TESTS_FUZZ_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fills argv, which has room for `most` and a NULL, with a program's name and the lines of the
 * text; what does not fit is left out. The text is cut at the ends of its lines and must outlive
 * argv. Returns how many there are. */
static inline int arguments_split(char *text, char **argv, int most)
{
	static char name[] = "fuzz";
	int argc = 0;

	argv[argc++] = name;
	for (char *rest = text; rest && argc < most;)
		argv[argc++] = strsep(&rest, "\n");
	argv[argc] = NULL;
	return argc;
}

/* The same of an input of the fuzzer, which is copied to text, with room for size bytes and a NUL.
 */
static inline int arguments_of_input(const uint8_t *data, size_t size, char *text, char **argv,
				     int most)
{
	memcpy(text, data, size);
	text[size] = '\0';
	return arguments_split(text, argv, most);
}

#endif
