/* tests/record/output/test_recording.c - record/output/recording.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/output/recording.h"
#include "tests/record/directory.h"
#include <dz/reader.h>

#define HOUR_NS UINT64_C(3600000000000)

struct opened {
	struct dz_source source;
	struct dz_reader *reader;
	int fd;
};

static void open_file(const char *path, struct opened *ret_opened)
{
	ret_opened->fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(ret_opened->fd >= 0);
	assert_int_equal(dz_source_file(ret_opened->fd, &ret_opened->source), DZ_OK);
	assert_int_equal(dz_reader_open(&ret_opened->source, NULL, &ret_opened->reader), DZ_OK);
}

static void close_file(struct opened *opened)
{
	dz_reader_close(opened->reader);
	(void)close(opened->fd);
}

static void begin(struct recording *recording)
{
	struct problem problem = {""};

	assert_true(recording_open("trace.dz", false, recording, &problem));
	assert_true(output_publish(&recording->output, &problem));
}

static void add_exit(struct recording *recording)
{
	const struct dz_exit row = {.time = clock_boottime_ns()};

	assert_int_equal(dz_writer_add(recording->writer, DZ_KIND_EXIT, &row), DZ_OK);
}

static void a_closed_recording_is_complete_with_its_info_records(void **state)
{
	struct recording recording;
	struct dz_writer_totals totals;
	struct problem problem = {""};
	struct opened file;
	struct dz_bytes value;
	struct stat status;

	(void)state;
	begin(&recording);
	assert_true(recording_add_info(&recording, "a.text", "some words", &problem));
	assert_true(recording_add_info_number(&recording, "a.number", 42, &problem));
	add_exit(&recording);
	assert_true(recording_close(&recording, &totals, &problem));
	assert_int_equal(totals.events, 1);
	assert_int_equal(stat("trace.dz", &status), 0);
	assert_int_equal(totals.bytes, status.st_size);
	open_file("trace.dz", &file);
	assert_true(dz_reader_closed(file.reader));
	value = dz_reader_info(file.reader, "a.text");
	assert_memory_equal(value.data, "some words", value.size);
	value = dz_reader_info(file.reader, "a.number");
	assert_memory_equal(value.data, "42", value.size);
	close_file(&file);
}

static void the_header_has_the_clocks_and_the_boot_id(void **state)
{
	static const uint8_t zeros[16];
	struct recording recording;
	struct dz_writer_totals totals;
	struct problem problem = {""};
	struct opened file;
	const struct dz_file_header *header;

	(void)state;
	begin(&recording);
	assert_true(recording_close(&recording, &totals, &problem));
	open_file("trace.dz", &file);
	header = dz_reader_header(file.reader);
	assert_memory_not_equal(header->uuid, zeros, sizeof(zeros));
	assert_memory_not_equal(header->boot_id, zeros, sizeof(zeros));
	assert_true(header->boottime_ns > 0 && header->boottime_ns <= clock_boottime_ns());
	assert_true(header->cpu_count > 0);
	close_file(&file);
}

static void an_abandoned_recording_is_readable_but_not_complete(void **state)
{
	struct recording recording;
	struct problem problem = {""};
	struct opened file;
	struct dz_event event;

	(void)state;
	begin(&recording);
	add_exit(&recording);
	assert_true(recording_flush(&recording, &problem));
	recording_abandon(&recording);
	open_file("trace.dz", &file);
	assert_false(dz_reader_closed(file.reader));
	do
		assert_int_equal(dz_reader_next(file.reader, &event), DZ_OK);
	while (event.kind != DZ_KIND_EXIT);
	close_file(&file);
}

static void pending_records_are_written_at_their_interval(void **state)
{
	struct recording recording;
	struct problem problem = {""};
	uint64_t before;

	(void)state;
	begin(&recording);
	/* On a busy disk, the beginning can take longer than the interval. */
	recording.flush_ns = HOUR_NS;
	add_exit(&recording);
	before = recording.output.bytes;
	assert_true(recording_tick(&recording, &problem));
	assert_int_equal(recording.output.bytes, before);
	recording.flushed_ns -= HOUR_NS;
	recording.synced_ns = clock_boottime_ns();
	assert_true(recording_tick(&recording, &problem));
	assert_true(recording.output.bytes > before);
	assert_int_equal(recording.output.synced_bytes, 0);
	recording.synced_ns -= 6000000000;
	assert_true(recording_tick(&recording, &problem));
	assert_int_equal(recording.output.synced_bytes, recording.output.bytes);
	recording_discard(&recording);
	assert_int_equal(access("trace.dz", F_OK), -1);
}

static void a_tick_is_due_for_what_is_pending_or_not_synced(void **state)
{
	struct recording recording;
	struct problem problem = {""};

	(void)state;
	begin(&recording);
	recording.flush_ns = 2 * HOUR_NS;
	add_exit(&recording);
	recording.synced_ns = recording.flushed_ns;
	assert_int_equal(recording_due_ns(&recording), recording.synced_ns + UINT64_C(5000000000));
	recording.synced_ns += 3 * HOUR_NS;
	assert_int_equal(recording_due_ns(&recording), recording.flushed_ns + 2 * HOUR_NS);
	recording.flushed_ns -= 2 * HOUR_NS;
	recording.synced_ns = clock_boottime_ns() - HOUR_NS;
	assert_true(recording_tick(&recording, &problem));
	assert_int_equal(recording_due_ns(&recording), UINT64_MAX);
	recording_discard(&recording);
}

static void a_clock_that_was_set_is_recorded_at_once(void **state)
{
	struct recording recording;
	struct dz_writer_totals totals;
	struct problem problem = {""};

	(void)state;
	begin(&recording);
	recording.flush_ns = UINT64_C(30000000000);
	recording.clock.realtime_ns -= 5000000;
	assert_true(recording_tick(&recording, &problem));
	recording_note_clock_set(&recording);
	assert_true(recording_tick(&recording, &problem));
	assert_true(recording_close(&recording, &totals, &problem));
	assert_int_equal(totals.rows[DZ_KIND_CLOCK], 2);
}

static void a_clock_that_moves_is_recorded_again(void **state)
{
	struct recording recording;
	struct dz_writer_totals totals;
	struct problem problem = {""};

	(void)state;
	begin(&recording);
	recording.flushed_ns -= 1000000000;
	assert_true(recording_tick(&recording, &problem));
	recording.clock.realtime_ns -= 5000000;
	recording.flushed_ns -= 1000000000;
	assert_true(recording_tick(&recording, &problem));
	assert_true(recording_close(&recording, &totals, &problem));
	assert_int_equal(totals.rows[DZ_KIND_CLOCK], 2);
}

static void each_piece_of_a_window_has_its_clocks(void **state)
{
	struct flight_window *window = flight_window_new(60000000000, FLIGHT_WINDOW_BYTES_MIN);
	struct dz_writer_totals totals;
	struct recording memory, file;
	struct problem problem = {""};
	struct flight_mark since;
	struct opened opened;
	struct output output;

	(void)state;
	assert_non_null(window);
	assert_true(recording_open_window(window, NULL, "trace.dz", &memory, &problem));
	assert_string_equal(memory.output.file.path, "trace.dz");
	for (unsigned int i = 0; i < 3; i++) {
		add_exit(&memory);
		assert_true(recording_tick(&memory, &problem));
		recording_note_loss(&memory, "exit", 1);
		assert_true(recording_next_piece(&memory, &problem));
	}
	assert_int_equal(access("trace.dz", F_OK), -1);
	assert_int_equal(flight_window_lost(window), 3);
	since = flight_window_since(window);
	assert_true(output_open("trace.dz", false, &output, &problem));
	assert_true(recording_open_made(&output, &since.clock, &file, &problem));
	assert_int_equal(flight_window_copy(window, file.writer), DZ_OK);
	assert_true(recording_close(&file, &totals, &problem));
	assert_int_equal(totals.rows[DZ_KIND_EXIT], 3);
	/* One of each piece, and one of the file. */
	assert_int_equal(totals.rows[DZ_KIND_CLOCK], 4);
	recording_abandon(&memory);
	flight_window_free(window);
	open_file("trace.dz", &opened);
	assert_int_equal(dz_reader_header(opened.reader)->boottime_ns, since.clock.boottime_ns);
	close_file(&opened);
}

static void count_copies(void *context, int fd)
{
	assert_true(fd >= 0);
	++*(unsigned int *)context;
}

/* A clock that moves adds a record. */
static void move_clock(struct recording *recording)
{
	struct problem problem;

	recording->clock.realtime_ns -= 1000000000;
	recording->flushed_ns = 0;
	assert_true(recording_tick(recording, &problem));
}

static void add_loss(struct recording *recording)
{
	const struct dz_lost row = {.time = clock_boottime_ns(), .count = 1};

	assert_int_equal(dz_writer_add(recording->writer, DZ_KIND_LOST, &row), DZ_OK);
}

static void a_piece_without_events_and_losses_has_no_copy(void **state)
{
	struct flight_window *window = flight_window_new(60000000000, FLIGHT_WINDOW_BYTES_MIN);
	unsigned int count = 0;
	struct piece_copy copy = {.begin = count_copies, .context = &count, .fd = -1};
	struct recording memory;
	struct problem problem = {""};

	(void)state;
	assert_non_null(window);
	assert_true(recording_open_window(window, &copy, "trace.dz", &memory, &problem));
	for (int i = 0; i < 3; i++) {
		move_clock(&memory);
		assert_true(recording_next_piece(&memory, &problem));
	}
	assert_int_equal(count, 0);
	assert_int_equal(copy.bytes, 0);
	add_loss(&memory);
	assert_true(recording_flush(&memory, &problem));
	assert_int_equal(count, 1);
	/* More of it does not fit into what is held. */
	assert_true(recording_next_piece(&memory, &problem));
	for (int i = 0; i < 2000; i++)
		move_clock(&memory);
	assert_int_equal(count, 2);
	assert_true(copy.bytes > 0);
	recording_abandon(&memory);
	assert_int_equal(copy.fd, -1);
	flight_window_free(window);
}

static void a_copy_of_a_piece_is_a_complete_file(void **state)
{
	struct flight_window *window = flight_window_new(60000000000, FLIGHT_WINDOW_BYTES_MIN);
	unsigned int count = 0;
	struct piece_copy copy = {.begin = count_copies, .context = &count, .fd = -1};
	struct recording memory;
	struct problem problem = {""};
	struct opened opened;
	struct dz_event event;
	size_t window_bytes;
	char path[64];
	int fd;

	(void)state;
	assert_non_null(window);
	assert_true(recording_open_window(window, &copy, "trace.dz", &memory, &problem));
	add_exit(&memory);
	assert_true(recording_flush(&memory, &problem));
	assert_int_equal(count, 1);
	fd = fcntl(copy.fd, F_DUPFD_CLOEXEC, 0);
	window_bytes = flight_window_bytes(window);
	assert_true(recording_next_piece(&memory, &problem));
	/* The end of the file is in the copy alone. */
	assert_int_equal(flight_window_bytes(window) - window_bytes, 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_file(path, &opened);
	assert_true(dz_reader_closed(opened.reader));
	do
		assert_int_equal(dz_reader_next(opened.reader, &event), DZ_OK);
	while (event.kind != DZ_KIND_EXIT);
	close_file(&opened);
	(void)close(fd);
	recording_abandon(&memory);
	assert_int_equal(copy.fd, -1);
	flight_window_free(window);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_closed_recording_is_complete_with_its_info_records),
		TEST(the_header_has_the_clocks_and_the_boot_id),
		TEST(an_abandoned_recording_is_readable_but_not_complete),
		TEST(pending_records_are_written_at_their_interval),
		TEST(a_clock_that_moves_is_recorded_again),
		TEST(a_tick_is_due_for_what_is_pending_or_not_synced),
		TEST(a_clock_that_was_set_is_recorded_at_once),
		TEST(each_piece_of_a_window_has_its_clocks),
		TEST(a_piece_without_events_and_losses_has_no_copy),
		TEST(a_copy_of_a_piece_is_a_complete_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
