/* tests/record/stacks/test_mmap_tracker.c - record/stacks/mmap_tracker.c, with real processes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/mmap_tracker.h"

#define SKIP 77

/* An address that nothing else maps, and that the thread sanitizer allows. */
#ifdef __SANITIZE_THREAD__
#define PLACE UINT64_C(0x005000000000)
#else
#define PLACE UINT64_C(0x500000000000)
#endif

static const struct mmap_tracker_options options = {
	/* On a busy machine other processes fill it too: nothing may be missed. */
	.ring_bytes = 1 << 20,
	.open_files_max = 512,
	.limits = {.processes = 4096, .memory_bytes = 16 << 20},
};

struct child {
	pid_t pid;
	int go; /* one byte lets it take its next step */
	int done;
};

static void step(const struct child *child)
{
	char byte = 0;

	assert_int_equal(write(child->go, &byte, 1), 1);
	assert_int_equal(read(child->done, &byte, 1), 1);
}

static void await_step(int go, int done)
{
	char byte = 0;

	if (write(done, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		_exit(1);
}

static void map_code(uint64_t address)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): a place to map at is a number */
	void *place = (void *)(uintptr_t)address;

	/* It stays mapped; an anonymous mapping requires -1. */
	/* cppcheck-suppress [invalidFunctionArg, leakReturnValNotUsed] */
	if (mmap(place, 0x1000, PROT_READ | PROT_EXEC, flags, -1, 0) == MAP_FAILED)
		_exit(2);
}

/* Maps, forks a child that maps, and runs another program, one after the other. */
static void behave(int go, int done)
{
	await_step(go, done);
	map_code(PLACE);
	await_step(go, done);
	map_code(PLACE + 0x10000);
	await_step(go, done);
	close(done);
	execl("/bin/sleep", "sleep", "60", (char *)NULL);
	_exit(3);
}

static struct child start(void)
{
	int go[2], done[2];
	struct child child;
	char byte;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0)
		behave(go[0], done[1]);
	close(go[0]);
	close(done[1]);
	child.go = go[1];
	child.done = done[0];
	assert_int_equal(read(child.done, &byte, 1), 1);
	return child;
}

static void end(const struct child *child)
{
	close(child->go);
	close(child->done);
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

/* Field 22 of /proc/PID/stat; the 2nd, the name, ends with the last parenthesis. */
static uint64_t start_of(pid_t pid)
{
	char path[64], line[1024] = "";
	char *rest = NULL, *word;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	word = strtok_r(strrchr(line, ')') + 1, " ", &rest);
	for (int field = 3; field < 22; field++)
		word = strtok_r(NULL, " ", &rest);
	return strtoull(word, NULL, 10) * UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
}

static bool has_now(struct mmap_tracker *watch, pid_t pid, uint64_t address)
{
	struct mapping_set *set;
	bool has;

	mmap_tracker_read(watch);
	mmap_tracker_advance(watch, clock_boottime_ns());
	set = mmap_tracker_snapshot(watch, (uint32_t)pid, start_of(pid));
	has = set && mappings_find(&set->mappings, address);
	mapping_set_release(set);
	return has;
}

static bool has_file_now(struct mmap_tracker *watch, pid_t pid, const char *name)
{
	struct mapping_set *set;
	bool has = false;

	mmap_tracker_read(watch);
	mmap_tracker_advance(watch, clock_boottime_ns());
	set = mmap_tracker_snapshot(watch, (uint32_t)pid, start_of(pid));
	for (size_t i = 0; set && i < set->mappings.count; i++) {
		const struct mapped_file *file = set->mappings.entries[i].file;

		has |= file && strstr(file->path, name);
	}
	mapping_set_release(set);
	return has;
}

static struct mmap_tracker *open_watch(void)
{
	struct mmap_tracker *watch;

	assert_int_equal(mmap_tracker_open(&options, &watch), SYMBOLS_OK);
	return watch;
}

static void a_new_process_is_tracked(void **state)
{
	struct mmap_tracker *watch = open_watch();
	struct child child = start();

	(void)state;
	assert_false(has_now(watch, child.pid, PLACE));
	step(&child);
	assert_true(has_now(watch, child.pid, PLACE));
	end(&child);
	mmap_tracker_close(watch);
}

/* Another program may make code meanwhile, whose perf map is looked for then. */
static struct mmap_tracker *open_quiet_watch(void)
{
	for (int attempt = 0; attempt < 50; attempt++) {
		struct mmap_tracker *watch = open_watch();

		mmap_tracker_read(watch);
		mmap_tracker_advance(watch, clock_boottime_ns());
		(void)mmap_tracker_is_quiet(watch);
		if (mmap_tracker_is_quiet(watch))
			return watch;
		mmap_tracker_close(watch);
	}
	return NULL;
}

static void it_is_quiet_if_nothing_was_read_between_two_calls(void **state)
{
	struct mmap_tracker *watch = open_quiet_watch();
	struct child child;

	(void)state;
	assert_non_null(watch);
	child = start();
	step(&child);
	assert_true(has_now(watch, child.pid, PLACE));
	assert_false(mmap_tracker_is_quiet(watch));
	end(&child);
	mmap_tracker_close(watch);
}

/* Long enough for a busy machine. */
#define LONG_NS UINT64_C(100000000000)

static struct file_reader *start_reader(struct mmap_tracker *watch)
{
	struct file_reader *reader;
	struct problem problem;

	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, LONG_NS);
	assert_true(file_reader_start_thread(reader, NULL));
	assert_int_equal(mmap_tracker_use_reader(watch, reader), SYMBOLS_OK);
	return reader;
}

static void an_older_process_is_known_from_proc(void **state)
{
	struct child child = start();
	struct mmap_tracker *watch;
	struct file_reader *reader;

	(void)state;
	step(&child);
	watch = open_watch();
	reader = start_reader(watch);
	mmap_tracker_scan(watch);
	mmap_tracker_await_scan(watch, LONG_NS);
	assert_true(has_now(watch, child.pid, PLACE));
	assert_true(has_file_now(watch, child.pid, "test_record_stacks_mmap_tracker"));
	step(&child);
	assert_true(has_now(watch, child.pid, PLACE));
	assert_true(has_now(watch, child.pid, PLACE + 0x10000));
	end(&child);
	file_reader_stop_thread(reader);
	mmap_tracker_close(watch);
	file_reader_end(reader);
}

/* The thread of the reader is held until the changes are applied. */
struct gate {
	int go;
	int done;
};

static void hold(void *context, bool is_cancelled)
{
	const struct gate *gate = context;
	char byte = 0;

	if (!is_cancelled && write(gate->done, &byte, 1) == 1)
		(void)!read(gate->go, &byte, 1);
}

/* What changed between the reading of a process and its result is not lost, nor is what a process
 * forked meanwhile. */
static void what_changes_while_mappings_are_read_is_known(void **state)
{
	struct child child = start();
	struct mmap_tracker *watch;
	struct file_reader *reader;
	int go[2], done[2];
	struct gate gate;
	char byte;

	(void)state;
	watch = open_watch();
	reader = start_reader(watch);
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	gate = (struct gate){.go = go[0], .done = done[1]};
	mmap_tracker_scan(watch);
	/* Goes before most of the scan. */
	assert_true(file_reader_submit(reader, &(struct file_task){hold, &gate, true}));
	assert_int_equal(read(done[0], &byte, 1), 1);
	step(&child);
	assert_true(has_now(watch, child.pid, PLACE));
	assert_int_equal(write(go[1], &byte, 1), 1);
	mmap_tracker_await_scan(watch, LONG_NS);
	assert_true(has_now(watch, child.pid, PLACE));
	assert_true(has_file_now(watch, child.pid, "test_record_stacks_mmap_tracker"));
	end(&child);
	file_reader_stop_thread(reader);
	mmap_tracker_close(watch);
	file_reader_end(reader);
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
}

static void after_exec_only_the_new_program_is_mapped(void **state)
{
	struct mmap_tracker *watch = open_watch();
	struct child child = start();
	char byte;

	(void)state;
	step(&child);
	step(&child);
	assert_int_equal(write(child.go, "", 1), 1);
	/* exec closes the end of the pipe shortly before it maps the program. */
	assert_int_equal(read(child.done, &byte, 1), 0);
	for (int i = 0; i < 6000 && !has_file_now(watch, child.pid, "sleep"); i++)
		usleep(10000);
	assert_true(has_file_now(watch, child.pid, "sleep"));
	assert_false(has_now(watch, child.pid, PLACE));
	end(&child);
	mmap_tracker_close(watch);
}

/* Later changes must not be visible before their time. */
static void a_snapshot_is_that_of_the_time_advanced_to(void **state)
{
	struct mmap_tracker *watch = open_watch();
	struct child child = start();
	struct mapping_set *before, *after;
	uint64_t between_ns;

	(void)state;
	step(&child);
	between_ns = clock_boottime_ns();
	step(&child);
	mmap_tracker_read(watch);
	mmap_tracker_advance(watch, between_ns);
	before = mmap_tracker_snapshot(watch, (uint32_t)child.pid, start_of(child.pid));
	mmap_tracker_advance(watch, clock_boottime_ns());
	after = mmap_tracker_snapshot(watch, (uint32_t)child.pid, start_of(child.pid));
	assert_non_null(mappings_find(&before->mappings, PLACE));
	assert_null(mappings_find(&before->mappings, PLACE + 0x10000));
	assert_non_null(mappings_find(&after->mappings, PLACE + 0x10000));
	mapping_set_release(before);
	mapping_set_release(after);
	end(&child);
	mmap_tracker_close(watch);
}

static void ended_processes_are_removed(void **state)
{
	struct mmap_tracker *watch = open_watch();
	uint64_t starts_ns[50];
	pid_t pids[50];

	(void)state;
	for (size_t i = 0; i < 50; i++) {
		struct child child = start();

		step(&child);
		pids[i] = child.pid;
		starts_ns[i] = start_of(child.pid);
		assert_true(has_now(watch, child.pid, PLACE));
		end(&child);
	}
	mmap_tracker_read(watch);
	mmap_tracker_advance(watch, clock_boottime_ns());
	for (size_t i = 0; i < 50; i++)
		assert_null(mmap_tracker_snapshot(watch, (uint32_t)pids[i], starts_ns[i]));
	mmap_tracker_close(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_process_is_tracked),
		cmocka_unit_test(it_is_quiet_if_nothing_was_read_between_two_calls),
		cmocka_unit_test(an_older_process_is_known_from_proc),
		cmocka_unit_test(what_changes_while_mappings_are_read_is_known),
		cmocka_unit_test(after_exec_only_the_new_program_is_mapped),
		cmocka_unit_test(a_snapshot_is_that_of_the_time_advanced_to),
		cmocka_unit_test(ended_processes_are_removed),
	};
	struct mmap_tracker *watch;

	if (mmap_tracker_open(&options, &watch) != SYMBOLS_OK) {
		printf("SKIP: the kernel gives us no perf records: %s\n", strerror(errno));
		return SKIP;
	}
	mmap_tracker_close(watch);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
