/* tests/record/privilege/test_privileges.c - operations refused after privileges are dropped */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/privilege/privileges.h"

#define SKIPPED 77

static const struct privileges_use stacks_only = {.user_stacks = true, .map_fd = -1};

/* Runs a function in a child; returns what it returned. */
static int section_in_child(int (*function)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(function());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int succeeded(int fd)
{
	return fd >= 0 && close(fd) == 0;
}

static bool drop(const struct privileges_use *use)
{
	struct problem problem = {""};
	bool dropped = privileges_drop(use, &problem);

	if (!dropped)
		(void)fprintf(stderr, "%s\n", problem.text);
	return dropped;
}

/* Returns the number of the first call that succeeds, 0 if none does. */
static int try_to_do_harm(void)
{
	char program[] = "/bin/true";
	char *const arguments[] = {program, NULL};
	char attributes[128] = {1};
	const pid_t parent = getppid();
	pid_t child;

	if (!drop(&stacks_only))
		return 1;
	if (succeeded(open("made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
		return 2;
	if (succeeded(open("/etc/passwd", O_WRONLY | O_CLOEXEC)) ||
	    succeeded(open("/proc/1/mem", O_RDWR | O_CLOEXEC)))
		return 3;
	child = fork();
	if (child == 0)
		_exit(0);
	if (child > 0)
		return 4;
	(void)execv(arguments[0], arguments); /* would end with status 0 */
	if (succeeded(socket(AF_UNIX, SOCK_STREAM, 0)) || succeeded(socket(AF_INET, SOCK_DGRAM, 0)))
		return 5;
	if (ptrace(PTRACE_ATTACH, parent, 0, 0) == 0)
		return 6;
	if (kill(parent, SIGCONT) == 0)
		return 7;
	if (syscall(SYS_setresuid, 0, 0, 0) == 0 || syscall(SYS_setgroups, 0, NULL) == 0)
		return 8;
	/* BPF_MAP_CREATE and BPF_PROG_LOAD */
	if (succeeded((int)syscall(SYS_bpf, 0, attributes, sizeof(attributes))) ||
	    succeeded((int)syscall(SYS_bpf, 5, attributes, sizeof(attributes))))
		return 9;
	/* cppcheck-suppress [invalidFunctionArg, leakReturnValNotUsed] ; -1 stands for no file */
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	    MAP_FAILED)
		return 10;
	if (mkdir("made", 0700) == 0 || chdir("/") == 0)
		return 11;
	/* The filter refuses it before the kernel looks for the file. */
	if (unlink("a name that nothing has") == 0 || errno != EPERM)
		return 12;
	return 100;
}

static void nothing_can_be_written_started_or_signaled(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(try_to_do_harm), 100);
}

static int read_what_stacks_need(void)
{
	const bool is_root = geteuid() == 0;
	const pid_t parent = getppid();
	char name[64], text[256];
	ssize_t size;
	int fd;

	if (!drop(&stacks_only))
		return 1;
	(void)snprintf(name, sizeof(name), "/proc/%d/maps", (int)parent);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (is_root && fd < 0)
		return 2;
	size = fd >= 0 ? read(fd, text, sizeof(text)) : 1;
	if (size <= 0 || (fd >= 0 && close(fd) != 0))
		return 3;
	/* Only root can read this file; the capability allows it. */
	if (is_root && !succeeded(open("/etc/shadow", O_RDONLY | O_CLOEXEC)))
		return 4;
	return 0;
}

static void files_and_mappings_of_other_users_can_be_read(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(read_what_stacks_need), 0);
}

static int describe(void)
{
	const bool is_root = geteuid() == 0;
	char text[512];

	if (!drop(&(struct privileges_use){.map_fd = -1}))
		return 1;
	privileges_describe(text, sizeof(text));
	if (is_root &&
	    strcmp(text, "uid 65534, capabilities none, no new privileges on, seccomp on") != 0)
		return 2;
	return strstr(text, "capabilities none, no new privileges on, seccomp on") ? 0 : 3;
}

static void without_user_stacks_no_capability_is_left(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(describe), 0);
}

static atomic_int harm_of_thread;

static void *drop_and_wait(void *go)
{
	if (!privileges_drop_thread())
		atomic_store(&harm_of_thread, 1);
	while (atomic_load((atomic_bool *)go) == false)
		(void)usleep(1000);
	if (succeeded(socket(AF_UNIX, SOCK_STREAM, 0)))
		atomic_store(&harm_of_thread, 2);
	return NULL;
}

static int drop_with_a_thread(void)
{
	static atomic_bool go;
	pthread_t thread;

	if (pthread_create(&thread, NULL, drop_and_wait, &go) != 0 || !drop(&stacks_only))
		return 10;
	atomic_store(&go, true);
	(void)pthread_join(thread, NULL);
	return atomic_load(&harm_of_thread);
}

static void a_thread_that_has_dropped_its_own_is_filtered_too(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(drop_with_a_thread), 0);
}

static void *sleep_on(void *unused)
{
	for (;;)
		(void)pause();
	return unused;
}

static int drop_beside_a_thread_that_does_not(void)
{
	struct problem problem = {""};
	pthread_t thread;

	if (geteuid() != 0)
		return SKIPPED;
	if (pthread_create(&thread, NULL, sleep_on, NULL) != 0)
		return 1;
	return !privileges_drop(&stacks_only, &problem) && strstr(problem.text, "thread") ? 0 : 2;
}

static void a_thread_that_keeps_its_privileges_is_a_problem(void **state)
{
	int status = section_in_child(drop_beside_a_thread_that_does_not);

	(void)state;
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, 0);
}

/* Runs as another user than the recorder, if possible. */
static pid_t start_command(void)
{
	pid_t command = fork();

	if (command == 0) {
		if (geteuid() == 0 && setuid(12345) != 0)
			_exit(1);
		/* It ends even if the test fails. */
		(void)alarm(5);
		(void)pause();
		_exit(0);
	}
	return command;
}

static int end_the_command(void)
{
	struct privileges_use use = {.map_fd = -1};
	pid_t other = start_command();
	int status;

	use.workload = start_command();
	if (other < 0 || use.workload < 0 || !drop(&use))
		return 1;
	if (kill(other, SIGTERM) == 0 || kill(other, SIGKILL) == 0 ||
	    kill(use.workload, SIGHUP) == 0)
		return 2;
	if (kill(use.workload, SIGTERM) != 0 || kill(use.workload, SIGKILL) != 0)
		return 3;
	if (waitpid(use.workload, &status, 0) != use.workload || !WIFSIGNALED(status))
		return 4;
	return (int)other % 100 + 100;
}

static void only_the_workload_can_be_signaled_and_only_to_end_it(void **state)
{
	(void)state;
	assert_true(section_in_child(end_the_command) >= 100);
}

static int keep_files(void)
{
	if (!privileges_keep_files())
		return 1;
	if (!succeeded(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
		return 2;
	return succeeded(socket(AF_UNIX, SOCK_STREAM, 0)) || fork() >= 0 ? 3 : 0;
}

static void the_helper_for_files_can_only_create_files(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(keep_files), 0);
}

static int keep_events(void)
{
	if (!privileges_keep_events())
		return 1;
	if (succeeded(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
		return 2;
	return succeeded(socket(AF_UNIX, SOCK_STREAM, 0)) || fork() >= 0 ? 3 : 0;
}

static void the_helper_for_events_can_only_open_events(void **state)
{
	(void)state;
	assert_int_equal(section_in_child(keep_events), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_can_be_written_started_or_signaled),
		cmocka_unit_test(files_and_mappings_of_other_users_can_be_read),
		cmocka_unit_test(without_user_stacks_no_capability_is_left),
		cmocka_unit_test(a_thread_that_has_dropped_its_own_is_filtered_too),
		cmocka_unit_test(a_thread_that_keeps_its_privileges_is_a_problem),
		cmocka_unit_test(only_the_workload_can_be_signaled_and_only_to_end_it),
		cmocka_unit_test(the_helper_for_files_can_only_create_files),
		cmocka_unit_test(the_helper_for_events_can_only_open_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
