/* tests/cli/recordings/workers.c - workers with different names that fail, and one that crashes */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 5000
#define CRASHES 4900

static const char *volatile nothing;

static void work(int number)
{
	char name[16];

	snprintf(name, sizeof(name), "w%d", number);
	prctl(PR_SET_NAME, name);
	if (number == CRASHES)
		printf("%zu\n", strlen(nothing));
	_exit(1 + number % 3);
}

int main(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (int i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		if (child == 0)
			work(i);
		waitpid(child, NULL, 0);
	}
	return EXIT_SUCCESS;
}
