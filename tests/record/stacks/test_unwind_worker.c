/* tests/record/stacks/test_unwind_worker.c - record/stacks/unwind_worker.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/unwind_worker.h"
#include "tests/symbols/death.h"

/* Long enough for a busy machine. */
#define WAIT_MAX_MS 60000

#define ATTEMPTS_MAX 20u

struct sample {
	struct mapped_file_cache *files;
	struct unwind_worker *worker;
	struct mapping_account account;
	bool has_gap;
};

static int set_up(void **state)
{
	static struct sample sample;
	struct unwind_worker_options options = {
		.cpu_percent = 100,
		.queue_bytes_max = 20000,
		.modules_bytes_max = 8 << 20,
	};

	sample = (struct sample){.files = NULL};
	assert_int_equal(mapped_file_cache_new(4, &sample.files), SYMBOLS_OK);
	options.files = sample.files;
	assert_int_equal(unwind_worker_start(&options, &sample.worker), SYMBOLS_OK);
	*state = &sample;
	return 0;
}

static int tear_down(void **state)
{
	struct sample *sample = *state;

	unwind_worker_stop(sample->worker);
	mapped_file_cache_free(sample->files);
	assert_int_equal(atomic_load(&sample->account.bytes), 0);
	return 0;
}

/* A stack of a process without mappings: its leaf is not mapped. */
static struct unwind_job *new_job(struct sample *sample, uint64_t stack_copy_id, size_t size_bytes)
{
	struct unwind_job *job = unwind_job_new(size_bytes);

	assert_non_null(job);
	memset(job->bytes, 0, size_bytes);
	job->stack_copy_id = stack_copy_id;
	job->deadline_ns = clock_boottime_ns() + UINT64_C(60000000000);
	job->set = mapping_set_new(1, &sample->account);
	registers_set(&job->registers, registers_native()->instruction_pointer, 0x1234);
	registers_set(&job->registers, registers_native()->stack_pointer, 0x7000);
	job->address = 0x7000;
	return job;
}

static struct unwind_answer *await(struct sample *sample)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct unwind_answer *answer = NULL;

	for (int i = 0; i < WAIT_MAX_MS && !answer; i++) {
		answer = unwind_worker_take(sample->worker);
		if (!answer)
			nanosleep(&pause, NULL);
	}
	assert_non_null(answer);
	return answer;
}

static void free_answer(struct unwind_answer *answer)
{
	free(answer->chain);
	free(answer);
}

static void a_leaf_outside_of_all_code_is_marked(void **state)
{
	struct unwind_answer *answer;

	assert_true(
		unwind_worker_submit(((struct sample *)*state)->worker, new_job(*state, 5, 64)));
	answer = await(*state);
	assert_int_equal(answer->stack_copy_id, 5);
	assert_non_null(answer->chain);
	assert_int_equal(answer->chain->count, 2);
	assert_int_equal(answer->chain->frames[0].type, DZ_FRAME_TYPE_MARKER);
	assert_string_equal(answer->chain->frames[0].symbol, "[unmapped]");
	assert_string_equal(answer->chain->frames[1].symbol, "[damaged stack]");
	free_answer(answer);
}

static void a_job_past_its_deadline_is_dropped(void **state)
{
	struct sample *sample = *state;
	struct unwind_job *job = new_job(sample, 6, 64);
	struct unwind_worker_statistics statistics;
	struct unwind_answer *answer;

	job->deadline_ns = clock_boottime_ns() - 1;
	assert_true(unwind_worker_submit(sample->worker, job));
	answer = await(sample);
	assert_int_equal(answer->stack_copy_id, 6);
	assert_null(answer->chain);
	unwind_worker_get_statistics(sample->worker, &statistics);
	assert_int_equal(statistics.dropped, 1);
	assert_int_equal(statistics.unwinding.stacks, 0);
	free_answer(answer);
}

/* Events have the chain of the walk: they do not lose it with a comparison that is too late. */
static void a_comparison_has_no_chain_and_is_not_dropped(void **state)
{
	struct sample *sample = *state;
	struct unwind_worker_statistics statistics;

	for (uint64_t number = 1; number <= 2; number++) {
		struct unwind_job *job = new_job(sample, number, 64 + sizeof(uint64_t));
		struct unwind_answer *answer;

		job->stack_bytes = 64;
		job->frame_count = 1;
		job->is_comparison = true;
		if (number == 2)
			job->deadline_ns = clock_boottime_ns() - 1;
		assert_true(unwind_worker_submit(sample->worker, job));
		answer = await(sample);
		assert_int_equal(answer->stack_copy_id, number);
		assert_null(answer->chain);
		free_answer(answer);
	}
	unwind_worker_get_statistics(sample->worker, &statistics);
	assert_int_equal(statistics.checked, 1);
	assert_int_equal(statistics.unwinding.stacks, 1);
	assert_int_equal(statistics.dropped, 0);
}

static void a_job_that_does_not_fit_stays_with_its_owner(void **state)
{
	struct sample *sample = *state;
	struct unwind_job *job = new_job(sample, 7, 30000);
	struct unwind_worker_statistics statistics;

	assert_false(unwind_worker_submit(sample->worker, job));
	unwind_job_free(job);
	unwind_worker_get_statistics(sample->worker, &statistics);
	assert_int_equal(statistics.dropped, 1);
}

static void answers_come_in_the_order_of_the_jobs(void **state)
{
	struct sample *sample = *state;
	uint64_t expected = 1;

	for (uint64_t stack_copy_id = 1; stack_copy_id <= 20; stack_copy_id++)
		assert_true(
			unwind_worker_submit(sample->worker, new_job(sample, stack_copy_id, 64)));
	while (expected <= 20) {
		struct unwind_answer *answer = await(sample);

		while (answer) {
			struct unwind_answer *next = answer->next;

			assert_int_equal(answer->stack_copy_id, expected++);
			free_answer(answer);
			answer = next;
		}
	}
}

/* The mappings of a file that is not an ELF file. */
static struct mapping_set *new_set(struct sample *sample)
{
	struct file_identity identity = {.inode = 1, .device_major = 1};
	struct mapped_file *file = mapped_file_new(&identity, "/dev/null", 0);
	struct mapping mapping = {.start = 1, .end = 2, .kind = MAPPING_FILE, .file = file};
	struct mapping_set *set = mapping_set_new(1, &sample->account);

	assert_int_equal(mappings_add(&set->mappings, &mapping), SYMBOLS_OK);
	mapped_file_release(file);
	mapping_set_changed(set);
	return set;
}

static void files_are_loaded_ahead_of_need(void **state)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct sample *sample = *state;
	struct unwind_worker_statistics statistics = {.dropped = 0};

	unwind_worker_prepare(sample->worker, new_set(sample));
	for (int i = 0; i < WAIT_MAX_MS && statistics.modules.failed == 0; i++) {
		nanosleep(&pause, NULL);
		unwind_worker_get_statistics(sample->worker, &statistics);
	}
	assert_int_equal(statistics.modules.failed, 1);
	assert_int_equal(statistics.dropped, 0);
	assert_int_equal(statistics.unwinding.stacks, 0);
	assert_null(unwind_worker_take(sample->worker));
}

static void too_many_requests_to_load_are_all_released(void **state)
{
	for (int i = 0; i < 100; i++)
		unwind_worker_prepare(((struct sample *)*state)->worker, new_set(*state));
}

static void stopping_releases_what_waits(void **state)
{
	struct sample *sample = *state;

	for (uint64_t stack_copy_id = 1; stack_copy_id <= 50; stack_copy_id++) {
		struct unwind_job *job = new_job(sample, stack_copy_id, 64);

		if (!unwind_worker_submit(sample->worker, job))
			unwind_job_free(job);
	}
}

static struct jit_map *make_jit_map(const char *text)
{
	struct jit_map *map = malloc(sizeof(*map));

	assert_non_null(map);
	atomic_init(&map->references, 1);
	map->fd = memfd_create("map", MFD_CLOEXEC);
	assert_true(map->fd >= 0);
	assert_int_equal(write(map->fd, text, strlen(text)), strlen(text));
	return map;
}

static void assert_named(struct sample *sample, uint64_t stack_copy_id, struct jit_map *map,
			 const char *name)
{
	struct mapping made = {.start = 0x1000, .end = 0x3000, .kind = MAPPING_ANONYMOUS};
	struct unwind_job *job = new_job(sample, stack_copy_id, 64);
	struct unwind_answer *answer;

	assert_int_equal(mappings_add(&job->set->mappings, &made), SYMBOLS_OK);
	job->jit_map = jit_map_reference(map);
	assert_true(unwind_worker_submit(sample->worker, job));
	answer = await(sample);
	assert_int_equal(answer->chain->frames[0].type, DZ_FRAME_TYPE_JIT);
	if (name)
		assert_string_equal(answer->chain->frames[0].symbol, name);
	else
		assert_null(answer->chain->frames[0].symbol);
	free_answer(answer);
}

static void generated_code_has_the_names_of_its_current_map(void **state)
{
	struct jit_map *map = make_jit_map("9000 10 elsewhere\n");
	static const char more[] = "1200 100 made\n";

	assert_named(*state, 1, NULL, NULL);
	assert_named(*state, 2, map, NULL);
	assert_int_equal(write(map->fd, more, sizeof(more) - 1), sizeof(more) - 1);
	assert_named(*state, 3, map, "made");
	jit_map_release(map);
}

#define NEWEST_BYTES 64u
#define OLDEST_BYTES 4096u

/* Bytes of the stack up to the outermost frame. Above it are argc, which is 2, two pointers, and
 * the end of argv and of the empty environment. */
static size_t find_used_bytes(const struct stack_copy *copy)
{
	uint64_t words[5];

	for (size_t at = 0; at + sizeof(words) <= copy->size_bytes; at += sizeof(words[0])) {
		memcpy(words, copy->bytes + at, sizeof(words));
		if (words[0] == 2 && words[1] > copy->address && words[2] > words[1] &&
		    words[2] - words[1] < 4096 && words[3] == 0 && words[4] == 0)
			return at;
	}
	fail_msg("no arguments on the stack");
	return 0;
}

/* The two ends of the stack of a death, with the bytes between them left out. */
static struct unwind_job *job_with_gap(struct sample *sample, const struct death *death)
{
	struct unwind_job *job = new_job(sample, 1, NEWEST_BYTES + OLDEST_BYTES);
	const struct stack_copy *copy = &death->copy;
	size_t from = find_used_bytes(copy) - OLDEST_BYTES;

	memcpy(job->bytes, copy->bytes, NEWEST_BYTES);
	memcpy(job->bytes + NEWEST_BYTES, copy->bytes + from, OLDEST_BYTES);
	job->registers = death->registers;
	job->address = copy->address;
	job->stack_bytes = NEWEST_BYTES;
	job->others[0].copy = (struct stack_copy){
		.address = copy->address + from,
		.bytes = job->bytes + NEWEST_BYTES,
		.size_bytes = OLDEST_BYTES,
	};
	for (size_t i = 0; i < death->mappings.count; i++)
		assert_int_equal(mappings_add(&job->set->mappings, &death->mappings.entries[i]),
				 SYMBOLS_OK);
	job->set->mappings.pid = death->pid;
	mapping_set_changed(job->set);
	return job;
}

static struct unwind_job *walked_job(struct sample *sample)
{
	const uint64_t frame = UINT64_C(0x1234) | UNWIND_FRAME_IS_EXACT;
	struct mapping made = {.start = 0x1000, .end = 0x3000, .kind = MAPPING_ANONYMOUS};
	struct unwind_job *job = new_job(sample, 2, sizeof(frame));

	assert_int_equal(mappings_add(&job->set->mappings, &made), SYMBOLS_OK);
	memcpy(job->bytes, &frame, sizeof(frame));
	job->stack_bytes = 0;
	job->frame_count = 1;
	return job;
}

static void submit_both(void *context, struct death *death)
{
	struct sample *sample = context;
	struct unwind_answer *answer;

	assert_true(unwind_worker_submit(sample->worker, job_with_gap(sample, death)));
	answer = await(sample);
	assert_int_equal(answer->stack_copy_id, 1);
	sample->has_gap = false;
	for (size_t i = 0; i < answer->chain->count; i++)
		sample->has_gap |= answer->chain->frames[i].type == DZ_FRAME_TYPE_MARKER &&
				   strstr(answer->chain->frames[i].symbol, "bytes not copied");
	free_answer(answer);
	assert_true(unwind_worker_submit(sample->worker, walked_job(sample)));
}

static void a_walked_stack_has_no_frames_of_the_one_before(void **state)
{
	struct sample *sample = *state;
	char path[] = DEATH_DIRECTORY "/death-nofp-symbols-dynamic", way[] = "deep";
	char *argv[] = {path, way, NULL};
	struct death *death = calloc(1, sizeof(*death));
	struct unwind_answer *answer;

	assert_non_null(death);
	/* The environment is above the frames, in the copied bytes. */
	assert_int_equal(clearenv(), 0);
	assert_true(death_watch(argv, DEATH_STACK_MAX_BYTES, submit_both, sample, death));
	answer = await(sample);
	assert_true(sample->has_gap);
	assert_int_equal(answer->stack_copy_id, 2);
	assert_int_equal(answer->chain->count, 1);
	assert_int_equal(answer->chain->frames[0].type, DZ_FRAME_TYPE_JIT);
	free_answer(answer);
	death_release(death);
	free(death);
}

#define NO_PROGRAM "/etc/passwd"
#define PROGRAM    DEATH_DIRECTORY "/death-nofp-symbols-static"

/* One of many identities of the same file; four are open at a time. */
static struct mapped_file *see(struct sample *sample, const char *path, uint64_t number)
{
	struct file_identity identity = {.generation = number};
	struct file_sighting sighting = {
		.identity = &identity,
		.path = path,
		.seen_ns = INT64_MAX,
		.now_ns = 1,
	};
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	identity.device_major = major(status.st_dev);
	identity.device_minor = minor(status.st_dev);
	identity.inode = status.st_ino;
	return mapped_file_cache_intern(sample->files, &sighting);
}

/* Adds a mapping of another file, to a copy if the set has other references. */
static void map_another(struct sample *sample, struct mapping_set **set, uint64_t number)
{
	struct mapping mapping = {
		.start = 0x1000 + number % 8 * 0x400000,
		.end = 0x1000 + (number % 8 + 1) * 0x400000,
		.kind = MAPPING_FILE,
		.file = see(sample, NO_PROGRAM, number),
	};

	assert_int_equal(mapping_set_own(set, 1, &sample->account), SYMBOLS_OK);
	assert_int_equal(mappings_add(&(*set)->mappings, &mapping), SYMBOLS_OK);
	mapping_set_changed(*set);
	mapped_file_release(mapping.file);
}

static void submit_leaf(struct sample *sample, struct mapping_set *set, uint64_t number)
{
	struct unwind_job *job = new_job(sample, number, 64);

	mapping_set_release(job->set);
	job->set = mapping_set_reference(set);
	registers_set(&job->registers, registers_native()->instruction_pointer,
		      0x2000 + number % 8 * 0x400000);
	assert_true(unwind_worker_submit(sample->worker, job));
}

/* Returns the number of answers. */
static uint64_t take_some(struct sample *sample)
{
	struct unwind_answer *answer = await(sample), *next;
	uint64_t count = 0;

	for (; answer; answer = next, count++) {
		next = answer->next;
		free_answer(answer);
	}
	return count;
}

/* Uses all that the two threads share at the same time, for the thread sanitizer. */
static void mappings_and_files_may_change_while_stacks_are_unwound(void **state)
{
	struct sample *sample = *state;
	struct mapping_set *set = NULL;
	uint64_t answered = 0;

	for (uint64_t number = 0; number < 2000; number++) {
		map_another(sample, &set, number);
		submit_leaf(sample, set, number);
		unwind_worker_prepare(sample->worker, mapping_set_reference(set));
		mapped_file_cache_sweep(sample->files, 2 * MAPPED_FILE_CACHE_UNUSED_NS);
		/* Sweeps with a later time, so that files just used can be removed. */
		while (answered + 20 < number)
			answered += take_some(sample);
	}
	mapping_set_release(set);
}

/* Returns whether the chain lacks the file. */
static bool lacks_program(struct sample *sample, const struct mapping *mapping)
{
	struct unwind_job *job = new_job(sample, 1, 64);
	struct unwind_answer *answer;
	bool is_passing;

	assert_int_equal(mappings_add(&job->set->mappings, mapping), SYMBOLS_OK);
	registers_set(&job->registers, registers_native()->instruction_pointer,
		      mapping->start + 16);
	assert_true(unwind_worker_submit(sample->worker, job));
	answer = await(sample);
	is_passing = answer->chain->is_passing;
	assert_int_equal(
		answer->chain->frames[0].symbol &&
			strcmp(answer->chain->frames[0].symbol, "[file not readable in time]") == 0,
		is_passing);
	assert_int_equal(answer->chain->frames[0].build_id_bytes > 0, !is_passing);
	free_answer(answer);
	return is_passing;
}

/* Its chain says so, and must not be kept for the next one. */
static void a_stack_whose_file_is_late_is_unwound_again(void **state)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct sample *sample = *state;
	struct mapping mapping = {.start = 0x400000, .end = 0x500000, .kind = MAPPING_FILE};
	struct file_reader *reader;
	struct problem problem;
	bool lacks = false;

	assert_true(file_reader_start(&reader, &problem));
	mapped_file_cache_use_reader(sample->files, reader);
	file_reader_set_wait(reader, 1);
	/* On a busy machine the answer can be there before it is waited for. */
	for (uint64_t number = 1; number <= ATTEMPTS_MAX && !lacks; number++) {
		if (mapping.file)
			mapped_file_release(mapping.file);
		mapping.file = see(sample, PROGRAM, number);
		lacks = lacks_program(sample, &mapping);
	}
	assert_true(lacks);
	file_reader_set_wait(reader, UINT64_C(20000000000));
	for (int i = 0; i < WAIT_MAX_MS && lacks; i++) {
		nanosleep(&pause, NULL);
		lacks = lacks_program(sample, &mapping);
	}
	assert_false(lacks);
	mapped_file_release(mapping.file);
	assert_true(unwind_worker_stop(sample->worker));
	sample->worker = NULL;
	mapped_file_cache_free(sample->files);
	sample->files = NULL;
	file_reader_end(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_leaf_outside_of_all_code_is_marked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_job_past_its_deadline_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_comparison_has_no_chain_and_is_not_dropped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_job_that_does_not_fit_stays_with_its_owner,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_come_in_the_order_of_the_jobs, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(files_are_loaded_ahead_of_need, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_requests_to_load_are_all_released, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(stopping_releases_what_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(generated_code_has_the_names_of_its_current_map,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_walked_stack_has_no_frames_of_the_one_before,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stack_whose_file_is_late_is_unwound_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			mappings_and_files_may_change_while_stacks_are_unwound, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
