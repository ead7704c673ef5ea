/* tests/live/vanishing.c - deletes the files that it is given, then dies: vanishing WAIT-US FILE...
 */
#include <stdlib.h>
#include <unistd.h>

static __attribute__((noinline)) void vanishing_third(int count)
{
	if (count >= 0)
		abort();
	__asm__ volatile("");
}

static __attribute__((noinline)) void vanishing_second(int count)
{
	vanishing_third(count);
	__asm__ volatile("");
}

static __attribute__((noinline)) void vanishing_first(int count)
{
	vanishing_second(count);
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		(void)unlink(argv[i]);
	if (argc > 1)
		usleep((useconds_t)strtoul(argv[1], NULL, 10));
	vanishing_first(argc);
	return 0;
}
