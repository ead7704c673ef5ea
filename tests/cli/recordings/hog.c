/* tests/cli/recordings/hog.c - takes memory until its control group has none */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((noinline)) void fill(void)
{
	while (1)
		memset(malloc(1 << 20), 1, 1 << 20);
}

int main(void)
{
	FILE *group = fopen("/sys/fs/cgroup/limited/cgroup.procs", "w");

	if (!group || fputs("0", group) < 0 || fclose(group) != 0)
		return 1;
	fill();
	return 0;
}
