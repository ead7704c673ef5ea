/* tests/live/calls_library.c - calls the probed library COUNT times, after a line from stdin */
#include <stdio.h>
#include <stdlib.h>

#include "tests/live/probed_library.h"

#define LARGE     1000000000000L
#define LAST      4000000000u
#define SLEEP_MS  20
#define FIBONACCI 5

int main(int count, char **words)
{
	int calls = count > 1 ? (int)strtol(words[1], NULL, 10) : 0;
	const long place = LARGE;
	char text[32];

	(void)getchar();
	for (int i = 0; i < calls; i++) {
		(void)snprintf(text, sizeof(text), "text \"%d\"", i);
		(void)probed_add(i, LARGE + i, i % 2 ? text : NULL);
		probed_mark(i % 100, text);
	}
	(void)probed_typed(-3, true, 1.5, "typed", &place, LAST);
	(void)probed_many(1, 2, 3, 4, 5, 6, -7, LARGE);
	(void)probed_sleep(SLEEP_MS);
	(void)probed_fibonacci(FIBONACCI);
	return 0;
}
