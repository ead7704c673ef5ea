/* record/selftest/deeds.c - harmless processes whose actions are known */
#include "record/selftest/deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"

#define END_CHECKS   6000
#define END_CHECK_NS 5000000

static const char *const names[DEEDS_WORKERS_MAX] = {"diag-self-test", "diag-self-mate"};

const char *deeds_name(size_t index)
{
	return names[index];
}

/* In the worker's process. The parent's end closes the pipe, too. */
static void act(struct deeds *deeds, size_t index, deeds_action action)
{
	struct deeds_worker *self = &deeds->workers[index];
	char byte;
	int code;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, names[index]);
	(void)close(deeds->go[1]);
	while (read(deeds->go[0], &byte, 1) < 0 && errno == EINTR)
		;
	code = action(deeds, self);
	self->life.before_end_ns = clock_boottime_ns();
	_exit(code);
}

/* The arguments are those of this process, which it does not change. */
static void read_command(struct deeds_worker *worker)
{
	char path[64];
	ssize_t size;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)worker->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd >= 0 ? read(fd, worker->command, sizeof(worker->command) - 1) : -1;
	if (fd >= 0)
		(void)close(fd);
	for (ssize_t i = 0; i + 1 < size; i++) {
		if (worker->command[i] == '\0')
			worker->command[i] = ' ';
	}
}

static bool start_worker(struct deeds *deeds, size_t index, deeds_action action)
{
	struct deeds_worker *worker = &deeds->workers[index];
	pid_t pid;

	worker->life.before_start_ns = clock_boottime_ns();
	pid = fork();
	if (pid == 0)
		act(deeds, index, action);
	worker->life.after_start_ns = clock_boottime_ns();
	if (pid < 0)
		return false;
	worker->pid = pid;
	deeds->count++;
	read_command(worker);
	return true;
}

struct deeds *deeds_start(const deeds_action *actions, size_t count, struct problem *ret_problem)
{
	struct deeds *deeds = mmap(NULL, sizeof(*deeds), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (deeds == MAP_FAILED) {
		problem_set(ret_problem, "out of memory");
		return NULL;
	}
	if (pipe2(deeds->go, O_CLOEXEC) != 0) {
		problem_set(ret_problem, "cannot create a pipe: %s", strerror(errno));
		(void)munmap(deeds, sizeof(*deeds));
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (start_worker(deeds, i, actions[i]))
			continue;
		problem_set(ret_problem, "cannot start a process: %s", strerror(errno));
		deeds_free(deeds);
		return NULL;
	}
	return deeds;
}

/* Closing the pipe is what the workers wait for. */
static void let_go(struct deeds *deeds)
{
	if (deeds->go[1] < 0)
		return;
	(void)close(deeds->go[0]);
	(void)close(deeds->go[1]);
	deeds->go[0] = deeds->go[1] = -1;
}

static bool await(struct deeds_worker *worker)
{
	const struct timespec pause = {.tv_nsec = END_CHECK_NS};

	for (int i = 0; i < END_CHECKS; i++) {
		pid_t ended = waitpid(worker->pid, NULL, WNOHANG);

		if (ended == worker->pid) {
			worker->life.after_end_ns = clock_boottime_ns();
			return true;
		}
		if (ended < 0)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

bool deeds_run(struct deeds *deeds, bool kills_last, struct problem *ret_problem)
{
	let_go(deeds);
	for (size_t i = 0; i < deeds->count; i++) {
		struct deeds_worker *worker = &deeds->workers[i];

		if (kills_last && i + 1 == deeds->count) {
			worker->life.before_end_ns = clock_boottime_ns();
			(void)kill(worker->pid, SIGKILL);
		}
		if (!await(worker))
			return problem_set(ret_problem, "a process of the test does not end");
	}
	return true;
}

void deeds_free(struct deeds *deeds)
{
	if (!deeds)
		return;
	for (size_t i = 0; i < deeds->count; i++) {
		if (deeds->workers[i].life.after_end_ns)
			continue;
		(void)kill(deeds->workers[i].pid, SIGKILL);
		(void)waitpid(deeds->workers[i].pid, NULL, 0);
	}
	let_go(deeds);
	(void)munmap(deeds, sizeof(*deeds));
}
