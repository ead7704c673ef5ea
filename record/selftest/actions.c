/* record/selftest/actions.c - actions of the processes of a self-test */
#include "record/selftest/actions.h"

#include <errno.h>
#include <inttypes.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"

/* System calls that do not exist: the marks of diag-sections(7). */
#define MARK_START 761203101
#define MARK_STOP  761203102

#define NS_PER_MS     1000000u
#define NS_PER_SECOND 1000000000u
#define SHORT_MS      1u
#define EXIT_MS       20u
#define SECTION_MS    50u
#define SLEEPS        3u
#define CALLS         5u
#define SPIN_NS       (UINT64_C(300) * NS_PER_MS)

static void sleep_ms(unsigned int ms)
{
	const struct timespec length = {.tv_nsec = (long)ms * NS_PER_MS};

	(void)nanosleep(&length, NULL);
}

static uint64_t cpu_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Time on a CPU and waiting for one. Without scheduling statistics, only the first of the two. */
static uint64_t awake_ns(void)
{
	FILE *file = fopen("/proc/self/schedstat", "re");
	uint64_t run_ns = 0, wait_ns = 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
	int found = file ? fscanf(file, "%" SCNu64 " %" SCNu64, &run_ns, &wait_ns) : 0;

	if (file)
		(void)fclose(file);
	return found == 2 ? run_ns + wait_ns : cpu_ns();
}

int actions_exit(struct deeds *deeds, struct deeds_worker *self)
{
	(void)deeds;
	(void)self;
	sleep_ms(EXIT_MS);
	return ACTIONS_EXIT_CODE;
}

int actions_wait(struct deeds *deeds, struct deeds_worker *self)
{
	(void)deeds;
	(void)self;
	for (;;)
		(void)pause();
}

static struct deeds_worker *receiver; /* in its process */

static void count_signal(int number)
{
	(void)number;
	receiver->count++;
}

/* The first count says that the handler is there, the second one that it ran. */
int actions_receive(struct deeds *deeds, struct deeds_worker *self)
{
	const struct sigaction handler = {.sa_handler = count_signal};

	receiver = self;
	(void)sigaction(SIGUSR1, &handler, NULL);
	(void)signal(SIGTERM, SIG_DFL);
	self->count++;
	return actions_wait(deeds, self);
}

static void send_when(const struct deeds_worker *to, uint32_t count, int number,
		      struct deeds_span *span)
{
	while (to->count < count)
		sleep_ms(SHORT_MS);
	span->before_start_ns = clock_boottime_ns();
	(void)kill(to->pid, number);
	span->after_start_ns = clock_boottime_ns();
}

int actions_send(struct deeds *deeds, struct deeds_worker *self)
{
	send_when(&deeds->workers[0], 1, SIGUSR1, &self->spans[0]);
	send_when(&deeds->workers[0], 2, SIGTERM, &self->spans[1]);
	return 0;
}

static void mark_start(void)
{
	(void)syscall(MARK_START, ACTIONS_THRESHOLD_MS);
}

static void mark_stop(void)
{
	(void)syscall(MARK_STOP);
}

/* Only gcc makes copies of functions. */
#if __has_attribute(noclone)
#define ONE_FUNCTION __attribute__((noinline, noclone))
#else
#define ONE_FUNCTION __attribute__((noinline))
#endif

/* The bodies differ, so that they stay two functions. */
static ONE_FUNCTION void function_start(void)
{
	__asm__ __volatile__("nop\n");
}

static ONE_FUNCTION void function_stop(void)
{
	__asm__ __volatile__("nop\n\tnop\n");
}

static void do_section(void (*start)(void), void (*stop)(void), unsigned int ms,
		       struct deeds_span *span)
{
	span->before_start_ns = clock_boottime_ns();
	start();
	span->after_start_ns = clock_boottime_ns();
	sleep_ms(ms);
	span->before_end_ns = clock_boottime_ns();
	stop();
	span->after_end_ns = clock_boottime_ns();
}

int actions_sections(struct deeds *deeds, struct deeds_worker *self)
{
	(void)deeds;
	do_section(mark_start, mark_stop, SECTION_MS, &self->spans[0]);
	do_section(mark_start, mark_stop, SHORT_MS, &self->spans[1]);
	return 0;
}

int actions_functions(struct deeds *deeds, struct deeds_worker *self)
{
	(void)deeds;
	do_section(function_start, function_stop, SECTION_MS, &self->spans[0]);
	do_section(function_start, function_stop, SHORT_MS, &self->spans[1]);
	return 0;
}

int actions_sleep(struct deeds *deeds, struct deeds_worker *self)
{
	const uint64_t before_ns = awake_ns();

	(void)deeds;
	self->spans[0].before_start_ns = clock_boottime_ns();
	for (; self->count < SLEEPS; self->count++)
		sleep_ms(ACTIONS_SLEEP_MS);
	self->spans[0].after_end_ns = clock_boottime_ns();
	self->awake_ns = awake_ns() - before_ns;
	return 0;
}

int actions_getppid(struct deeds *deeds, struct deeds_worker *self)
{
	(void)deeds;
	self->spans[0].before_start_ns = clock_boottime_ns();
	for (; self->count < CALLS; self->count++)
		(void)syscall(SYS_getppid);
	self->spans[0].after_end_ns = clock_boottime_ns();
	return 0;
}

static void use_first_cpu(void)
{
	cpu_set_t allowed, first;
	size_t cpu = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return;
	while (cpu + 1 < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&first);
	CPU_SET(cpu, &first);
	(void)sched_setaffinity(0, sizeof(first), &first);
}

int actions_spin(struct deeds *deeds, struct deeds_worker *self)
{
	uint64_t start_ns;

	(void)deeds;
	use_first_cpu();
	self->spans[0].before_start_ns = clock_boottime_ns();
	start_ns = cpu_ns();
	while (cpu_ns() < start_ns + SPIN_NS)
		;
	self->awake_ns = cpu_ns() - start_ns;
	self->spans[0].after_end_ns = clock_boottime_ns();
	return 0;
}

/* Where the two functions are in the file of the program, which comes first. */
static int find_offsets(struct dl_phdr_info *program, size_t size, void *offsets)
{
	const uintptr_t functions[] = {(uintptr_t)function_start, (uintptr_t)function_stop};

	(void)size;
	for (int i = 0; i < program->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &program->dlpi_phdr[i];

		for (size_t j = 0; segment->p_type == PT_LOAD && j < 2; j++) {
			uint64_t at = functions[j] - program->dlpi_addr - segment->p_vaddr;

			if (at < segment->p_filesz)
				((uint64_t *)offsets)[j] = segment->p_offset + at;
		}
	}
	return 1;
}

bool actions_uprobe(const struct deeds *deeds, char *out, size_t size, struct problem *ret_problem)
{
	uint64_t offsets[2] = {0, 0};
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length <= 0)
		return problem_set(ret_problem, "/proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	(void)dl_iterate_phdr(find_offsets, offsets);
	(void)snprintf(out, size,
		       "tgid=%d start-file=%s start-offset=0x%" PRIx64 " stop-offset=0x%" PRIx64
		       " threshold=%u label=%s",
		       (int)deeds->workers[0].pid, path, offsets[0], offsets[1],
		       ACTIONS_THRESHOLD_MS, ACTIONS_LABEL);
	return true;
}
