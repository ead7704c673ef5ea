/* tests/cli/recordings/hog.c - takes memory until its control group has none */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEBIBYTE ((size_t)1 << 20)

static char *memory;

static __attribute__((noinline)) void fill(void)
{
	for (size_t size = 0;; size += MEBIBYTE) {
		char *grown = realloc(memory, size + MEBIBYTE);

		if (!grown)
			return;
		memory = grown;
		memset(memory + size, 1, MEBIBYTE);
	}
}

int main(void)
{
	FILE *group = fopen("/sys/fs/cgroup/limited/cgroup.procs", "w");

	if (!group || fputs("0", group) < 0 || fclose(group) != 0)
		return 1;
	fill();
	return 0;
}
