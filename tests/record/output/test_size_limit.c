/* tests/record/output/test_size_limit.c - record/output/size_limit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "record/output/size_limit.h"
#include "tests/record/directory.h"

#define END_BYTES 12288u

static void begin(struct recording *recording)
{
	struct problem problem = {""};

	assert_true(recording_open("trace.dz", false, recording, &problem));
	assert_true(output_publish(&recording->output, &problem));
}

/* Names that are hard to compress; every value of a record is different, too. */
static void add_exit(struct recording *recording, uint64_t *seed)
{
	struct dz_exit row;
	uint64_t values[sizeof(row) / sizeof(uint64_t)];
	char name[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		values[i] = *seed;
	}
	memcpy(name, values, sizeof(name));
	memcpy(&row, values, sizeof(row));
	row.task = dz_writer_string(recording->writer, name, sizeof(name));
	row.kernel_stack = row.user_stack = 0;
	assert_int_equal(dz_writer_add(recording->writer, DZ_KIND_EXIT, &row), DZ_OK);
}

static void a_file_that_is_filled_up_is_never_larger_and_not_much_smaller(void **state)
{
	static const uint64_t sizes[] = {SIZE_LIMIT_BYTES_MIN, 100000, 1u << 20, 3u << 20};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct size_limit limit = {.bytes_max = sizes[i]};
		struct dz_writer_totals totals;
		struct problem problem = {""};
		struct recording recording;
		uint64_t seed = i, added = 0;
		struct stat status;

		begin(&recording);
		recording.output.bytes_max = sizes[i];
		assert_true(size_limit_begin(&limit, &recording, END_BYTES, &problem));
		for (; size_limit_admits(&limit, DZ_KIND_EXIT, added); added++)
			add_exit(&recording, &seed);
		assert_true(size_limit_note_losses(&limit, &problem));
		assert_true(recording_close(&recording, &totals, &problem));
		assert_int_equal(totals.rows[DZ_KIND_EXIT], added);
		assert_int_equal(stat("trace.dz", &status), 0);
		assert_true((uint64_t)status.st_size <= sizes[i]);
		assert_true((uint64_t)status.st_size >= sizes[i] / 4);
		assert_int_equal(remove("trace.dz"), 0);
	}
}

static void events_that_do_not_fit_are_counted_with_their_times(void **state)
{
	struct size_limit limit = {.bytes_max = SIZE_LIMIT_BYTES_MIN};
	struct problem problem = {""};
	struct recording recording;
	uint64_t seed = 1;

	(void)state;
	begin(&recording);
	assert_true(size_limit_begin(&limit, &recording, END_BYTES, &problem));
	while (size_limit_admits(&limit, DZ_KIND_EXIT, 20))
		add_exit(&recording, &seed);
	assert_false(size_limit_admits(&limit, DZ_KIND_EXIT, 10));
	assert_false(size_limit_admits(&limit, DZ_KIND_SIGNAL, 30));
	assert_int_equal(limit.losses[DZ_KIND_EXIT].count, 2);
	assert_int_equal(limit.losses[DZ_KIND_EXIT].first_ns, 10);
	assert_int_equal(limit.losses[DZ_KIND_EXIT].last_ns, 20);
	assert_int_equal(limit.losses[DZ_KIND_SIGNAL].count, 1);
	assert_true(size_limit_note_losses(&limit, &problem));
	assert_int_equal(limit.losses[DZ_KIND_EXIT].count, 0);
	assert_int_equal(limit.lost, 3);
	recording_discard(&recording);
}

static void without_a_limit_everything_is_admitted(void **state)
{
	struct size_limit limit = {0};
	struct problem problem = {""};
	struct recording recording;

	(void)state;
	begin(&recording);
	assert_true(size_limit_begin(&limit, &recording, END_BYTES, &problem));
	assert_true(size_limit_admits(&limit, DZ_KIND_EXIT, 1));
	recording_discard(&recording);
}

/* Does what a session does. */
struct files {
	struct recording recordings[2];
	struct size_limit limit;
	unsigned int count;
	bool is_last;
	bool is_late;
	bool may_be_larger;
};

static bool begin_next(void *context)
{
	struct files *files = context;
	struct recording *old = &files->recordings[files->count % 2];
	struct dz_writer_totals totals;
	struct problem problem = {""};
	struct stat status;

	if (files->is_late)
		return false;
	if (files->is_last) {
		files->limit.bytes_max = 0;
		return true;
	}
	assert_true(recording_close(old, &totals, &problem));
	assert_int_equal(stat("trace.dz", &status), 0);
	assert_true((uint64_t)status.st_size <= files->limit.bytes_max || files->may_be_larger);
	assert_int_equal(remove("trace.dz"), 0);
	files->count++;
	begin(&files->recordings[files->count % 2]);
	assert_true(size_limit_begin(&files->limit, &files->recordings[files->count % 2], END_BYTES,
				     &problem));
	return true;
}

static void with_a_next_file_nothing_is_lost(void **state)
{
	struct files files = {.limit = {.bytes_max = 100000, .next = {&files, begin_next}}};
	struct problem problem = {""};
	uint64_t seed = 1;

	(void)state;
	begin(&files.recordings[0]);
	assert_true(size_limit_begin(&files.limit, &files.recordings[0], END_BYTES, &problem));
	for (uint64_t i = 0; files.count < 3; i++) {
		assert_true(size_limit_admits(&files.limit, DZ_KIND_EXIT, i));
		add_exit(&files.recordings[files.count % 2], &seed);
	}
	/* If there cannot be a next file, the limit is removed. */
	files.is_last = true;
	while (files.limit.bytes_max) {
		assert_true(size_limit_admits(&files.limit, DZ_KIND_EXIT, 1));
		add_exit(&files.recordings[files.count % 2], &seed);
	}
	assert_int_equal(files.limit.lost, 0);
	recording_discard(&files.recordings[files.count % 2]);
}

static void until_the_next_file_is_there_events_are_lost(void **state)
{
	struct files files = {.limit = {.bytes_max = 100000, .next = {&files, begin_next}},
			      .is_late = true};
	struct problem problem = {""};
	uint64_t seed = 1;

	(void)state;
	begin(&files.recordings[0]);
	assert_true(size_limit_begin(&files.limit, &files.recordings[0], END_BYTES, &problem));
	while (size_limit_admits(&files.limit, DZ_KIND_EXIT, 1))
		add_exit(&files.recordings[0], &seed);
	assert_false(size_limit_admits(&files.limit, DZ_KIND_EXIT, 2));
	assert_int_equal(files.limit.lost, 2);
	assert_false(files.limit.is_full);
	files.is_late = false;
	assert_true(size_limit_admits(&files.limit, DZ_KIND_EXIT, 3));
	assert_int_equal(files.count, 1);
	assert_int_equal(files.limit.lost, 2);
	recording_discard(&files.recordings[1]);
}

static void the_steps_of_a_section_start_no_file(void **state)
{
	struct files files = {
		.limit = {.bytes_max = SIZE_LIMIT_BYTES_MIN, .next = {&files, begin_next}},
		.may_be_larger = true,
	};
	struct problem problem = {""};
	uint64_t seed = 1;

	(void)state;
	begin(&files.recordings[0]);
	assert_true(size_limit_begin(&files.limit, &files.recordings[0], END_BYTES, &problem));
	for (uint64_t i = 0; i < 5000; i++) {
		assert_true(size_limit_admits(&files.limit, DZ_KIND_STEP, i));
		add_exit(&files.recordings[0], &seed);
	}
	assert_int_equal(files.count, 0);
	assert_true(size_limit_admits(&files.limit, DZ_KIND_SECTION, 1));
	assert_int_equal(files.count, 1);
	recording_discard(&files.recordings[1]);
}

static void a_limit_that_no_event_fits_into_is_refused(void **state)
{
	struct size_limit limit = {.bytes_max = SIZE_LIMIT_BYTES_MIN, .option = "--rotate"};
	struct problem problem = {""};
	struct recording recording;

	(void)state;
	begin(&recording);
	assert_false(size_limit_begin(&limit, &recording, SIZE_LIMIT_BYTES_MIN, &problem));
	assert_non_null(strstr(problem.text, "no space for events with --rotate 64.0 KiB"));
	assert_non_null(strstr(problem.text, "use at least"));
	recording_discard(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_file_that_is_filled_up_is_never_larger_and_not_much_smaller,
			directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(events_that_do_not_fit_are_counted_with_their_times,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(without_a_limit_everything_is_admitted,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(with_a_next_file_nothing_is_lost, directory_enter,
						directory_leave),
		cmocka_unit_test_setup_teardown(until_the_next_file_is_there_events_are_lost,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(the_steps_of_a_section_start_no_file,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(a_limit_that_no_event_fits_into_is_refused,
						directory_enter, directory_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
