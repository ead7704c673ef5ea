/* samples/sections/known.c - a section with known phases, which the program measures itself
 *
 *   usage: known WAY [THRESHOLD-MS [wait]]     WAY: see markers.h
 *
 * Prints one line for each phase: "phase NAME WALL-NS CPU-NS WAIT-NS WAKING-NS". CPU and WAIT are
 * the times of the thread on a CPU and waiting for one, from the kernel. WAKING is from when it is
 * about to be woken until it runs: the kernel counts the wait from its queue for a CPU on, where a
 * thread is a while after it was woken if that CPU is busy. The last line is "section WALL-NS",
 * with what is between the phases. With "wait", it prints "ready TID" and starts after it has read
 * a line, and prints "done" and ends after it has read another.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "samples/sections/markers.h"

#define MS          1000000
#define TOUCH_BYTES (64u << 20)
#define RIVAL_NS    (30 * MS)

/* The second thread, for phases that need one. */
struct partner {
	sem_t go;
	sem_t ready;
	void (*act)(struct partner *partner);
	pthread_mutex_t lock;
	int pipe[2];
	uint64_t posting_ns;
	uint64_t waking_ns;
	uint64_t late_ns; /* WAKING of the phase so far */
};

struct usage {
	uint64_t wall_ns;
	uint64_t cpu_ns;
	uint64_t wait_ns;
	uint64_t late_ns;
};

struct phase {
	const char *name;
	void (*partner_act)(struct partner *partner); /* NULL: works alone */
	void (*run)(struct partner *partner);
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void pause_ns(long ns)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static void note_waking(struct partner *partner, uint64_t since_ns)
{
	partner->late_ns += now_ns() - since_ns;
}

static struct usage usage_read(int schedstat)
{
	struct usage usage = {.wall_ns = now_ns()};
	char text[96] = "";

	if (pread(schedstat, text, sizeof(text) - 1, 0) > 0)
		(void)sscanf(text, "%" SCNu64 " %" SCNu64, &usage.cpu_ns, &usage.wait_ns);
	return usage;
}

static void bind_to_cpu_zero(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static __attribute__((noinline)) void spin_for(uint64_t ns)
{
	uint64_t end_ns = now_ns() + ns;

	while (now_ns() < end_ns)
		;
}

static void spin(struct partner *partner)
{
	(void)partner;
	spin_for(30 * MS);
}

static void sleep_40_ms(struct partner *partner)
{
	uint64_t due_ns = now_ns() + 40 * MS;

	pause_ns(40 * MS);
	note_waking(partner, due_ns);
}

static void write_later(struct partner *partner)
{
	pause_ns(25 * MS);
	partner->waking_ns = now_ns();
	(void)!write(partner->pipe[1], "x", 1);
}

static void read_pipe(struct partner *partner)
{
	char byte;

	(void)!read(partner->pipe[0], &byte, 1);
	note_waking(partner, partner->waking_ns);
}

static void hold_lock(struct partner *partner)
{
	(void)pthread_mutex_lock(&partner->lock);
	partner->posting_ns = now_ns();
	(void)sem_post(&partner->ready);
	pause_ns(20 * MS);
	partner->waking_ns = now_ns();
	(void)pthread_mutex_unlock(&partner->lock);
}

static void take_lock(struct partner *partner)
{
	(void)sem_wait(&partner->ready);
	note_waking(partner, partner->posting_ns);
	(void)pthread_mutex_lock(&partner->lock);
	note_waking(partner, partner->waking_ns);
	(void)pthread_mutex_unlock(&partner->lock);
}

static void touch(struct partner *partner)
{
	char *memory =
		mmap(NULL, TOUCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)partner;
	if (memory == MAP_FAILED)
		return;
	(void)madvise(memory, TOUCH_BYTES, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < TOUCH_BYTES; i += 4096)
		memory[i] = 1;
	(void)munmap(memory, TOUCH_BYTES);
}

static void compete(struct partner *partner)
{
	(void)partner;
	bind_to_cpu_zero();
	spin_for(RIVAL_NS);
}

static void spin_beside(struct partner *partner)
{
	(void)partner;
	spin_for(RIVAL_NS);
}

static const struct phase phases[] = {
	{"spin", NULL, spin},
	{"sleep", NULL, sleep_40_ms},
	{"pipe", write_later, read_pipe},
	{"futex", hold_lock, take_lock},
	{"touch", NULL, touch},
	{"runqueue", compete, spin_beside},
};

static void *partner_main(void *argument)
{
	struct partner *partner = argument;

	for (;;) {
		(void)sem_wait(&partner->go);
		if (!partner->act)
			return NULL;
		partner->act(partner);
	}
}

static struct usage run_phase(const struct phase *phase, struct partner *partner, int schedstat)
{
	struct usage before = usage_read(schedstat);
	struct usage after;

	partner->late_ns = 0;
	if (phase->partner_act) {
		partner->act = phase->partner_act;
		(void)sem_post(&partner->go);
	}
	phase->run(partner);
	after = usage_read(schedstat);
	return (struct usage){.wall_ns = after.wall_ns - before.wall_ns,
			      .cpu_ns = after.cpu_ns - before.cpu_ns,
			      .wait_ns = after.wait_ns - before.wait_ns,
			      .late_ns = partner->late_ns};
}

static void wait_for_line(const char *word, bool is_enabled)
{
	char line[16];

	if (!is_enabled)
		return;
	(void)printf("%s %d\n", word, (int)gettid());
	(void)fflush(stdout);
	/* If the section has started, it waits in a system call that the phases do not use. */
	(void)poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, -1);
	(void)!fgets(line, sizeof(line), stdin);
}

static void run_section(const struct marker *marker, int threshold_ms, struct partner *partner)
{
	enum { COUNT = sizeof(phases) / sizeof(phases[0]) };
	int schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	struct usage usage[COUNT];
	uint64_t begin_ns, end_ns;

	bind_to_cpu_zero();
	begin_ns = now_ns();
	marker->start(threshold_ms, "known");
	for (size_t i = 0; i < COUNT; i++)
		usage[i] = run_phase(&phases[i], partner, schedstat);
	marker->stop();
	end_ns = now_ns();
	for (size_t i = 0; i < COUNT; i++)
		(void)printf("phase %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			     phases[i].name, usage[i].wall_ns, usage[i].cpu_ns, usage[i].wait_ns,
			     usage[i].late_ns);
	(void)printf("section %" PRIu64 "\n", end_ns - begin_ns);
	(void)close(schedstat);
}

int main(int argc, char **argv)
{
	const struct marker *marker = argc > 1 ? marker_find(argv[1]) : NULL;
	int threshold_ms = argc > 2 ? atoi(argv[2]) : 100;
	bool wait = argc > 3 && strcmp(argv[3], "wait") == 0;
	struct partner partner = {.lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t thread;

	if (!marker) {
		(void)fprintf(stderr, "usage: known WAY [THRESHOLD-MS [wait]]\n");
		return 2;
	}
	if (sem_init(&partner.go, 0, 0) != 0 || sem_init(&partner.ready, 0, 0) != 0 ||
	    pipe2(partner.pipe, O_CLOEXEC) != 0 ||
	    pthread_create(&thread, NULL, partner_main, &partner) != 0) {
		perror("known");
		return 1;
	}
	wait_for_line("ready", wait);
	run_section(marker, threshold_ms, &partner);
	wait_for_line("done", wait);
	partner.act = NULL;
	(void)sem_post(&partner.go);
	(void)pthread_join(thread, NULL);
	return 0;
}
