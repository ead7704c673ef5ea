/* tests/live/storm.c - makes many processes that end as fast as they can
 *
 * storm COUNT [NAME [SIGNAL]]: the processes send themselves SIGNAL. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_process(int status, int number)
{
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): is what is tested */
	pid_t pid = vfork();

	if (pid == 0) {
		if (number)
			/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): Linux allows it */
			(void)kill(getpid(), number);
		_exit(status);
	}
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

int main(int argc, char **argv)
{
	long count = argc >= 2 ? strtol(argv[1], NULL, 10) : 0;
	int number = argc >= 4 ? (int)strtol(argv[3], NULL, 10) : 0;

	if (count <= 0) {
		fputs("usage: storm COUNT [NAME [SIGNAL]]\n", stderr);
		return 2;
	}
	if (argc > 2)
		(void)prctl(PR_SET_NAME, argv[2]);
	for (long i = 0; i < count; i++) {
		if (!make_process((int)(i & 0x7f), number)) {
			perror("storm");
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
