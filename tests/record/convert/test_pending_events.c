/* tests/record/convert/test_pending_events.c - record/convert/pending_events.c
 *
 * The test provides the user stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/common/clock.h"
#include "record/convert/pending_events.h"
#include "tests/record/memory_trace.h"

#define TIME_NS       UINT64_C(9000)
#define DEADLINE_NS   (TIME_NS + USER_STACKS_WAIT_NS)
#define BYTES_MAX     4096u
#define WRITTEN_MAX   8
#define READY_IDS_MAX 64

/* Copy ids below this whose stack is ready, by bit. */
static uint64_t ready_ids;
/* The copy ids of the events that the translator got, in order. */
static uint64_t written_ids[WRITTEN_MAX];
static size_t written_count;

bool user_stacks_is_ready(const struct user_stacks *stacks, uint64_t stack_copy_id)
{
	(void)stacks;
	return stack_copy_id == USER_STACK_NONE ||
	       (stack_copy_id < READY_IDS_MAX && (ready_ids >> stack_copy_id & 1));
}

uint32_t user_stacks_intern(struct user_stacks *stacks, struct dz_writer *writer,
			    uint64_t stack_copy_id)
{
	(void)stacks;
	(void)writer;
	assert_in_range(written_count, 0, WRITTEN_MAX - 1);
	written_ids[written_count++] = stack_copy_id;
	return 0;
}

bool user_stacks_is_rust(const struct user_stacks *stacks, uint64_t stack_copy_id)
{
	(void)stacks;
	(void)stack_copy_id;
	return false;
}

void user_stacks_forget_references(struct user_stacks *stacks)
{
	(void)stacks;
}

struct fixture {
	struct memory_trace trace;
	struct translator *translator;
	struct pending_events *pending;
};

/* The stubs above never look at it. */
static char user_stacks_memory;
static struct user_stacks *const any_stacks = (struct user_stacks *)&user_stacks_memory;

static int set_up_queue(struct fixture *fixture, size_t bytes_max)
{
	ready_ids = 0;
	written_count = 0;
	memory_trace_begin(&fixture->trace);
	fixture->translator = translator_new(NULL, any_stacks);
	if (!fixture->translator)
		return -1;
	translator_use(fixture->translator, fixture->trace.writer);
	fixture->pending = pending_events_new(any_stacks, fixture->translator, bytes_max);
	return fixture->pending ? 0 : -1;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	*state = &fixture;
	return set_up_queue(&fixture, BYTES_MAX);
}

/* Has memory for one event that waits. */
static int set_up_small(void **state)
{
	static struct fixture fixture;

	*state = &fixture;
	return set_up_queue(&fixture, sizeof(struct event_exit) + sizeof(struct event_exit) / 2);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	pending_events_free(fixture->pending);
	translator_free(fixture->translator);
	memory_trace_end(&fixture->trace);
	return 0;
}

static void add_exit(struct fixture *fixture, uint64_t stack_copy_id)
{
	const struct event_exit event = {
		.header = {.time_ns = TIME_NS, .kind = EVENT_EXIT},
		.user_stack = stack_copy_id,
		.system_call = -1,
	};

	assert_int_equal(pending_events_add(fixture->pending, &event, sizeof(event)), DZ_OK);
}

static void release(struct fixture *fixture, uint64_t now_ns)
{
	assert_int_equal(pending_events_release(fixture->pending, now_ns), DZ_OK);
}

static void assert_written(const uint64_t *ids, size_t count)
{
	assert_int_equal(written_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(written_ids[i], ids[i]);
}

static void an_event_with_a_ready_stack_does_not_wait(void **state)
{
	struct fixture *fixture = *state;

	ready_ids = 1u << 5;
	add_exit(fixture, 5);
	add_exit(fixture, USER_STACK_NONE);
	assert_true(pending_events_is_empty(fixture->pending));
	assert_written((const uint64_t[]){5, USER_STACK_NONE}, 2);
}

static void later_events_wait_behind_the_first(void **state)
{
	struct fixture *fixture = *state;

	ready_ids = 1u << 6;
	add_exit(fixture, 5);
	add_exit(fixture, 6);
	add_exit(fixture, 7);
	release(fixture, TIME_NS);
	assert_false(pending_events_is_empty(fixture->pending));
	assert_written(NULL, 0);
	ready_ids |= 1u << 5;
	release(fixture, TIME_NS);
	assert_written((const uint64_t[]){5, 6}, 2);
	assert_false(pending_events_is_empty(fixture->pending));
	ready_ids |= 1u << 7;
	release(fixture, TIME_NS);
	assert_written((const uint64_t[]){5, 6, 7}, 3);
	assert_true(pending_events_is_empty(fixture->pending));
}

static void an_event_waits_until_its_deadline(void **state)
{
	struct fixture *fixture = *state;

	add_exit(fixture, 5);
	release(fixture, DEADLINE_NS - 1);
	assert_written(NULL, 0);
	release(fixture, DEADLINE_NS);
	assert_written((const uint64_t[]){5}, 1);
}

/* Its last event can be a second old. */
static void a_sum_waits_from_when_it_is_read(void **state)
{
	struct fixture *fixture = *state;
	const struct event_cpu sum = {
		.header = {.time_ns = TIME_NS, .kind = EVENT_CPU},
		.user_stack = 5,
		.count = 7,
	};
	const uint64_t begin_ns = clock_boottime_ns();

	assert_int_equal(pending_events_add(fixture->pending, &sum, sizeof(sum)), DZ_OK);
	release(fixture, DEADLINE_NS);
	release(fixture, begin_ns + USER_STACKS_WAIT_NS - 1);
	assert_written(NULL, 0);
	release(fixture, clock_boottime_ns() + USER_STACKS_WAIT_NS);
	assert_written((const uint64_t[]){5}, 1);
}

static void every_event_leaves_at_the_end(void **state)
{
	struct fixture *fixture = *state;

	add_exit(fixture, 5);
	add_exit(fixture, 6);
	release(fixture, UINT64_MAX);
	assert_written((const uint64_t[]){5, 6}, 2);
	assert_true(pending_events_is_empty(fixture->pending));
}

static void a_full_queue_lets_the_oldest_go(void **state)
{
	struct fixture *fixture = *state;

	add_exit(fixture, 5);
	assert_written(NULL, 0);
	add_exit(fixture, 6);
	assert_written((const uint64_t[]){5}, 1);
	add_exit(fixture, 7);
	assert_written((const uint64_t[]){5, 6}, 2);
	assert_false(pending_events_is_empty(fixture->pending));
}

static void each_kind_waits_for_its_own_member(void **state)
{
	struct fixture *fixture = *state;
	struct event_signal signal = {.header = {.time_ns = TIME_NS, .kind = EVENT_SIGNAL},
				      .user_stack = 1};
	struct event_delivery delivery = {.header = {.time_ns = TIME_NS, .kind = EVENT_DELIVERY},
					  .user_stack = 2};
	struct event_oom oom = {.header = {.time_ns = TIME_NS, .kind = EVENT_OOM}};

	assert_int_equal(pending_events_add(fixture->pending, &oom, sizeof(oom)), DZ_OK);
	assert_true(pending_events_is_empty(fixture->pending));
	assert_int_equal(pending_events_add(fixture->pending, &signal, sizeof(signal)), DZ_OK);
	assert_int_equal(pending_events_add(fixture->pending, &delivery, sizeof(delivery)), DZ_OK);
	ready_ids = 1u << 2;
	release(fixture, TIME_NS);
	assert_written(NULL, 0);
	ready_ids = 1u << 1;
	release(fixture, TIME_NS);
	assert_written((const uint64_t[]){1}, 1);
	ready_ids = 1u << 2;
	release(fixture, TIME_NS);
	assert_written((const uint64_t[]){1, 2}, 2);
}

/* Nothing is read beyond the end of a record that is too short for its kind. */
static void an_invalid_record_does_not_wait(void **state)
{
	struct fixture *fixture = *state;
	struct event_header header = {.time_ns = TIME_NS, .kind = EVENT_EXIT};

	assert_int_equal(pending_events_add(fixture->pending, &header, sizeof(header)), DZ_OK);
	header.kind = EVENT_KIND_COUNT;
	assert_int_equal(pending_events_add(fixture->pending, &header, sizeof(header)), DZ_OK);
	assert_true(pending_events_is_empty(fixture->pending));
	assert_int_equal(translator_invalid_count(fixture->translator), 2);
}

static void what_waits_is_freed(void **state)
{
	struct fixture *fixture = *state;

	add_exit(fixture, 5);
	add_exit(fixture, 6);
	pending_events_free(fixture->pending);
	fixture->pending = NULL;
	assert_written(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_with_a_ready_stack_does_not_wait, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(later_events_wait_behind_the_first, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_event_waits_until_its_deadline, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_sum_waits_from_when_it_is_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_event_leaves_at_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_queue_lets_the_oldest_go, set_up_small,
						tear_down),
		cmocka_unit_test_setup_teardown(each_kind_waits_for_its_own_member, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_invalid_record_does_not_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_waits_is_freed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
