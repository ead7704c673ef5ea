/* samples/sections/nested.c - many threads with deeply nested sections, and a log of each section
 *
 *   usage: nested THREADS DEPTH ROUNDS
 *
 * Each thread enters DEPTH nested sections with random labels and thresholds, works a little at
 * each level, and leaves them. Prints one line for each section, in the order of their ends:
 *   "section TID LABEL DEPTH THRESHOLD-NS LOWER-NS UPPER-NS"
 * It took at least LOWER and at most UPPER, measured inside and around the marks.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "samples/sections/diag/section.h"

#define THREADS_MAX 256
#define DEPTH_MAX   16

struct section {
	char label[16];
	uint64_t threshold_ns;
	uint64_t lower_ns;
	uint64_t upper_ns;
	int depth;
};

struct worker {
	pthread_t thread;
	pthread_barrier_t *barrier;
	struct section *log;
	size_t logged;
	uint64_t seed;
	int depth;
	int rounds;
	pid_t tid;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t pick(struct worker *worker, uint64_t below)
{
	worker->seed = worker->seed * 6364136223846793005u + 1442695040888963407u;
	return (worker->seed >> 33) % below;
}

static void work(struct worker *worker)
{
	uint64_t ns = 2000 + pick(worker, 60000);
	uint64_t end_ns;

	if (pick(worker, 4) == 0) {
		(void)nanosleep(&(struct timespec){.tv_nsec = (long)ns}, NULL);
		return;
	}
	end_ns = now_ns() + ns;
	while (now_ns() < end_ns)
		;
}

static void nest(struct worker *worker)
{
	struct section open[DEPTH_MAX];
	uint64_t outside_ns[DEPTH_MAX];
	uint64_t inside_ns[DEPTH_MAX];

	for (int i = 0; i < worker->depth; i++) {
		open[i].depth = i;
		open[i].threshold_ns = 1000 + pick(worker, 20) * 100000;
		(void)snprintf(open[i].label, sizeof(open[i].label), "label%d",
			       (int)pick(worker, 8));
		outside_ns[i] = now_ns();
		diag_section_start(open[i].label, open[i].threshold_ns);
		inside_ns[i] = now_ns();
		work(worker);
	}
	for (int i = worker->depth; i-- > 0;) {
		open[i].lower_ns = now_ns() - inside_ns[i];
		diag_section_stop();
		open[i].upper_ns = now_ns() - outside_ns[i];
		worker->log[worker->logged++] = open[i];
	}
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;

	worker->tid = gettid();
	(void)pthread_barrier_wait(worker->barrier);
	for (int i = 0; i < worker->rounds; i++)
		nest(worker);
	return NULL;
}

static void print_log(const struct worker *worker)
{
	for (size_t i = 0; i < worker->logged; i++) {
		const struct section *section = &worker->log[i];

		(void)printf("section %d %s %d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			     (int)worker->tid, section->label, section->depth,
			     section->threshold_ns, section->lower_ns, section->upper_ns);
	}
}

static int run(struct worker *workers, int threads, int depth, int rounds)
{
	pthread_barrier_t barrier;

	if (pthread_barrier_init(&barrier, NULL, (unsigned int)threads) != 0)
		return 1;
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){.barrier = &barrier,
					     .seed = (uint64_t)i + 1,
					     .depth = depth,
					     .rounds = rounds};
		workers[i].log = calloc((size_t)depth * (size_t)rounds, sizeof(struct section));
		if (!workers[i].log ||
		    pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0) {
			perror("nested");
			exit(1);
		}
	}
	for (int i = 0; i < threads; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < threads; i++) {
		print_log(&workers[i]);
		free(workers[i].log);
	}
	(void)pthread_barrier_destroy(&barrier);
	return 0;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	int threads = argc == 4 ? atoi(argv[1]) : 0;
	int depth = argc == 4 ? atoi(argv[2]) : 0;
	int rounds = argc == 4 ? atoi(argv[3]) : 0;

	if (threads < 1 || threads > THREADS_MAX || depth < 1 || depth > DEPTH_MAX || rounds < 1) {
		(void)fprintf(stderr, "usage: nested THREADS DEPTH ROUNDS\n");
		return 2;
	}
	return run(workers, threads, depth, rounds);
}
