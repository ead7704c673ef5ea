/* tests/record/output/test_flight_window.c - record/output/flight_window.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/output/flight_window.h"
#include "tests/record/memory_trace.h"
#include <dz/reader.h>

#define SECOND_NS    1000000000u
#define LENGTH_NS    (FLIGHT_WINDOW_PIECES * (uint64_t)SECOND_NS)
#define BYTES        (4u << 20)
#define RANDOM_BYTES 4096u

/* Does what a session does, with a simulated clock. */
struct flight {
	struct flight_window *window;
	struct dz_writer *writer;
	uint64_t now_ns;
	uint64_t added; /* exits; their codes are 0, 1, 2, ... */
	uint64_t seed;
};

static void open_writer(struct flight *flight)
{
	const struct clock_reading now = {.boottime_ns = flight->now_ns};
	const struct dz_file_header header = {.version_major = DZ_VERSION_MAJOR};
	const struct dz_sink sink = flight_window_sink(flight->window);

	assert_true(flight_window_begin(flight->window, &now));
	assert_int_equal(dz_writer_open(&sink, &header, 1, &flight->writer), DZ_OK);
}

static struct flight begin(void)
{
	struct flight flight = {.window = flight_window_new(LENGTH_NS, BYTES),
				.now_ns = 1000 * (uint64_t)SECOND_NS};

	assert_non_null(flight.window);
	open_writer(&flight);
	return flight;
}

static void cut(struct flight *flight)
{
	assert_int_equal(dz_writer_flush(flight->writer, flight->now_ns), DZ_OK);
	dz_writer_abandon(flight->writer);
	open_writer(flight);
	assert_true(flight_window_bytes(flight->window) <= BYTES);
}

static void end(struct flight *flight)
{
	dz_writer_abandon(flight->writer);
	flight_window_free(flight->window);
}

static void add(struct flight *flight)
{
	const struct dz_exit row = {.time = flight->now_ns, .exit_code = flight->added++};

	assert_int_equal(dz_writer_add(flight->writer, DZ_KIND_EXIT, &row), DZ_OK);
}

/* Adds bytes that cannot be compressed. */
static void add_large(struct flight *flight, uint32_t strings)
{
	uint8_t bytes[RANDOM_BYTES];

	for (uint32_t i = 0; i < strings; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++) {
			flight->seed = flight->seed * 6364136223846793005u + 1442695040888963407u;
			bytes[j] = (uint8_t)(flight->seed >> 56);
		}
		(void)dz_writer_string(flight->writer, bytes, sizeof(bytes));
	}
	add(flight);
}

/* Reads the codes of all exits in the window, which must have no gap up to the last one. */
static uint64_t first_kept(const struct flight *flight)
{
	struct memory_trace trace;
	struct dz_event event;
	uint64_t first = flight->added, next = 0;

	memory_trace_begin(&trace);
	assert_int_equal(flight_window_copy(flight->window, trace.writer), DZ_OK);
	memory_trace_read(&trace);
	assert_true(dz_reader_closed(trace.reader));
	while (dz_reader_next(trace.reader, &event) == DZ_OK) {
		const struct dz_exit *row = event.row;

		assert_int_equal(event.kind, DZ_KIND_EXIT);
		if (next == 0)
			first = next = row->exit_code;
		assert_int_equal(row->exit_code, next);
		next++;
	}
	if (next)
		assert_int_equal(next, flight->added);
	memory_trace_end(&trace);
	return first;
}

static uint64_t dropped(const struct flight *flight)
{
	struct flight_drop drop;
	uint64_t count = 0;

	for (size_t i = 0; flight_window_drop(flight->window, i, &drop); i++) {
		assert_string_equal(drop.kind, "exit");
		assert_true(drop.first_ns <= drop.last_ns && drop.last_ns <= flight->now_ns);
		count += drop.count;
	}
	return count;
}

/* Moves the clock, and updates the window as often as a recorder does. */
static void pass(struct flight *flight, uint64_t ns)
{
	flight->now_ns += ns;
	flight_window_expire(flight->window, flight->now_ns);
	if (flight_window_is_due(flight->window, flight->now_ns))
		cut(flight);
}

static void events_older_than_the_window_are_removed_without_loss(void **state)
{
	struct flight flight = begin();
	uint64_t kept, since_ns;

	(void)state;
	add(&flight);
	for (unsigned int i = 0; i < 400; i++) {
		pass(&flight, SECOND_NS / 10);
		add(&flight);
	}
	cut(&flight);
	kept = flight.added - first_kept(&flight);
	since_ns = flight_window_since(flight.window).clock.boottime_ns;
	assert_true(kept >= 160 && kept <= 160 + 160 / FLIGHT_WINDOW_PIECES + 2);
	assert_true(flight.now_ns - since_ns >= LENGTH_NS);
	assert_true(flight.now_ns - since_ns <= LENGTH_NS + 2 * (uint64_t)SECOND_NS);
	assert_int_equal(flight_window_lost(flight.window), 0);
	end(&flight);
}

static void pieces_that_do_not_fit_are_dropped_whole_and_counted(void **state)
{
	struct flight flight = begin();
	uint64_t first;

	(void)state;
	add(&flight);
	/* Three times as much as fits, in pieces whose ends meet the end of the ring
	 * at all places. */
	for (unsigned int i = 0; i < 600; i++) {
		add_large(&flight, 1 + i % 9);
		if (i % 7 == 0)
			assert_int_equal(dz_writer_flush(flight.writer, flight.now_ns), DZ_OK);
		pass(&flight, SECOND_NS / 100);
	}
	cut(&flight);
	first = first_kept(&flight);
	assert_true(first > 0 && first < flight.added);
	assert_int_equal(dropped(&flight), first);
	assert_int_equal(flight_window_lost(flight.window), first);
	assert_int_equal(flight_window_since(flight.window).clock.boottime_ns,
			 1000 * (uint64_t)SECOND_NS);
	/* Drops older than the window do not count any more. */
	pass(&flight, LENGTH_NS + SECOND_NS);
	assert_int_equal(dropped(&flight), 0);
	assert_int_equal(flight_window_lost(flight.window), 0);
	end(&flight);
}

static void drops_of_a_long_storm_stay_few_and_add_up(void **state)
{
	struct flight flight = begin();
	struct flight_drop drop;
	size_t count = 0;
	uint64_t first;

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		add_large(&flight, 2);
		pass(&flight, SECOND_NS / 100);
	}
	cut(&flight);
	while (flight_window_drop(flight.window, count, &drop))
		count++;
	assert_true(count > 0 && count <= FLIGHT_WINDOW_PIECES + 2);
	first = first_kept(&flight);
	/* 100 a second: all of the window are present or counted. */
	assert_true(flight.added - first + dropped(&flight) >= 1600);
	assert_true(flight.added - first + dropped(&flight) <= 1600 + 300);
	end(&flight);
}

/* Then the window need not begin another one. */
static void a_piece_without_events_begins_later(void **state)
{
	struct flight flight = begin();
	struct clock_reading now = {.boottime_ns = flight.now_ns + SECOND_NS};

	(void)state;
	assert_true(flight_window_go_on(flight.window, &now));
	assert_int_equal(flight_window_since(flight.window).clock.boottime_ns, now.boottime_ns);
	assert_false(flight_window_is_due(flight.window, now.boottime_ns + SECOND_NS - 1));
	assert_true(flight_window_is_due(flight.window, now.boottime_ns + SECOND_NS));
	add(&flight);
	assert_int_equal(dz_writer_flush(flight.writer, flight.now_ns), DZ_OK);
	assert_false(flight_window_go_on(flight.window, &now));
	cut(&flight);
	assert_true(flight_window_go_on(flight.window, &now));
	assert_int_equal(first_kept(&flight), 0);
	end(&flight);
}

/* The readings of the clocks would grow for ever. */
static void a_piece_with_many_clocks_is_ended(void **state)
{
	struct flight flight = begin();
	const struct clock_reading now = {.boottime_ns = flight.now_ns};
	int count = 0;

	(void)state;
	while (count < 1000 && flight_window_go_on(flight.window, &now)) {
		const struct dz_clock row = {.time = flight.now_ns};

		assert_int_equal(dz_writer_add(flight.writer, DZ_KIND_CLOCK, &row), DZ_OK);
		assert_int_equal(dz_writer_flush(flight.writer, flight.now_ns), DZ_OK);
		count++;
	}
	assert_in_range(count, 10, 100);
	end(&flight);
}

static void a_piece_without_its_start_is_counted_to_its_end(void **state)
{
	struct flight flight = begin();

	(void)state;
	add(&flight);
	assert_int_equal(dz_writer_flush(flight.writer, flight.now_ns), DZ_OK);
	add_large(&flight, 2 * BYTES / RANDOM_BYTES);
	assert_int_equal(dz_writer_flush(flight.writer, flight.now_ns), DZ_OK);
	add(&flight);
	assert_true(flight_window_is_due(flight.window, flight.now_ns));
	assert_int_equal(flight_window_due_ns(flight.window), 0);
	cut(&flight);
	assert_int_equal(flight_window_bytes(flight.window), 0);
	assert_int_equal(dropped(&flight), 3);
	add(&flight);
	cut(&flight);
	assert_int_equal(first_kept(&flight), 3);
	end(&flight);
}

static void earlier_losses_count_while_their_time_is_in_the_window(void **state)
{
	struct flight flight = begin();

	(void)state;
	flight_window_note_loss(flight.window, "exit", 5);
	add(&flight);
	cut(&flight);
	assert_int_equal(flight_window_lost(flight.window), 5);
	assert_int_equal(dropped(&flight), 0);
	/* The lost record is removed with its piece. */
	for (unsigned int i = 0; i < 20; i++) {
		add_large(&flight, BYTES / RANDOM_BYTES / 16);
		cut(&flight);
	}
	assert_int_equal(dropped(&flight), first_kept(&flight) + 5);
	pass(&flight, LENGTH_NS + SECOND_NS);
	assert_int_equal(flight_window_lost(flight.window), 0);
	end(&flight);
}

static void an_empty_window_can_be_written(void **state)
{
	struct flight flight = begin();

	(void)state;
	cut(&flight);
	assert_int_equal(first_kept(&flight), 0);
	assert_int_equal(flight_window_lost(flight.window), 0);
	end(&flight);
	flight_window_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_older_than_the_window_are_removed_without_loss),
		cmocka_unit_test(pieces_that_do_not_fit_are_dropped_whole_and_counted),
		cmocka_unit_test(drops_of_a_long_storm_stay_few_and_add_up),
		cmocka_unit_test(a_piece_without_events_begins_later),
		cmocka_unit_test(a_piece_with_many_clocks_is_ended),
		cmocka_unit_test(a_piece_without_its_start_is_counted_to_its_end),
		cmocka_unit_test(earlier_losses_count_while_their_time_is_in_the_window),
		cmocka_unit_test(an_empty_window_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
