/* tests/live/made_code.c - makes code at run time and dies below it
 *
 * Before, it writes the name of the code into the perf map, and waits for the end of its input. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instructions.h"

static __attribute__((noinline)) void made_die(void)
{
	abort();
}

static int write_map(const void *code, size_t size)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/tmp/perf-%d.map", (int)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	dprintf(fd, "%lx %zx made_by_hand\n", (unsigned long)code, size);
	return close(fd);
}

int main(void)
{
	static const unsigned char code[] = {CODE_THAT_CALLS};
	void *made = mmap(NULL, sizeof(code), PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, 0, 0);
	char byte;

	if (made == MAP_FAILED || write_map(made, sizeof(code)) != 0)
		return 1;
	memcpy(made, code, sizeof(code));
	__builtin___clear_cache(made, (char *)made + sizeof(code));
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	((void (*)(void (*)(void)))made)(made_die);
	return 2;
}
