/* tests/analyze/scenario.h - writes traces with known events */
#ifndef TESTS_ANALYZE_SCENARIO_H
#define TESTS_ANALYZE_SCENARIO_H

#include <stdint.h>

#include <dz/schema.h>
#include <dz/writer.h>

#define SECOND UINT64_C(1000000000)

/* The machine was started eight days before the recording, which began at 12:00 on 1 June 2025. */
#define SCENARIO_START_NS      (8 * 86400 * SECOND)
#define SCENARIO_START_UNIX_NS (UINT64_C(1748779200) * SECOND)

/* A trace that is being written to a file descriptor. Every function exits on failure: nothing can
 * be tested then. */
struct scenario {
	int *sink_fd; /* allocated: the writer borrows its address */
	struct dz_writer *writer;
	uint64_t now_ns; /* CLOCK_BOOTTIME of the next record */
};

/* One task. */
struct scenario_task {
	uint64_t parent; /* reference, 0 for none */
	uint32_t pid;
	uint32_t tid; /* 0: the first thread */
	const char *comm;
	const char *process_comm; /* NULL: as comm */
	const char *cgroup;
	uint32_t uid;
	uint64_t age_ns;          /* since the process and the thread started */
	const char *command_line; /* NULL: not recorded */
	uint32_t ns_pid;          /* 0: as pid */
};

/* Starts and ends a trace. `seed` makes the uuid of the file. Borrows the descriptor. */
struct scenario scenario_begin(int fd, uint8_t seed);
void scenario_close(struct scenario *scenario);

/* Leaves the file as a recorder that is killed leaves it. */
void scenario_abandon(struct scenario *scenario);

/* Returns the descriptor of an unnamed file in memory. The caller closes it. */
int scenario_unnamed_file(void);

uint64_t scenario_text(struct scenario *scenario, const char *text);
uint64_t scenario_task(struct scenario *scenario, const struct scenario_task *task);

/* "main;parse;malloc@libc.so.6": outermost first; after @ the module, [kernel] for the kernel. */
uint64_t scenario_stack(struct scenario *scenario, const char *frames);

/* Adds a record with the time now_ns, and advances now_ns by 1 ms. */
void scenario_exit(struct scenario *scenario, struct dz_exit row);
void scenario_signal(struct scenario *scenario, struct dz_signal row);
void scenario_delivery(struct scenario *scenario, struct dz_delivery row);
void scenario_oom(struct scenario *scenario, struct dz_oom row);
void scenario_probe(struct scenario *scenario, struct dz_probe row);
void scenario_section(struct scenario *scenario, struct dz_section row);
void scenario_cpu(struct scenario *scenario, struct dz_cpu row);
void scenario_offcpu(struct scenario *scenario, struct dz_offcpu row);
/* The wait and its holders, of which only holder and held are used. */
void scenario_runq(struct scenario *scenario, struct dz_runq row,
		   const struct dz_runq_holder *holders, size_t count);
void scenario_lost(struct scenario *scenario, const char *kind, const char *reason, uint64_t count);
void scenario_info(struct scenario *scenario, const char *key, const char *value);

/* Deaths of every kind. */
void scenario_deaths(struct scenario *scenario);

/* Names with control characters and terminal escapes. */
void scenario_hostile(struct scenario *scenario);

/* Probes, a section, losses. */
void scenario_probes(struct scenario *scenario);

/* 5,000 names with numbers, and one crash. */
void scenario_names(struct scenario *scenario);

/* 200,000 kinds of exits, then one crash. */
void scenario_kinds(struct scenario *scenario);

/* Adds 100,000 returns of a probe, each with another stack of 20 frames. */
void scenario_stacks(struct scenario *scenario);

/* Names with markup, scripts and 4 KiB of text. */
void scenario_markup(struct scenario *scenario);

/* 100,000 events of 20,000 rounds: signal, delivery, death, section, end. */
void scenario_page(struct scenario *scenario);

/* Probes, signals and an exit, with the command lines of most processes. */
void scenario_commands(struct scenario *scenario);

#endif
