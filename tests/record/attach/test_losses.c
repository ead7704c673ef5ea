/* tests/record/attach/test_losses.c - record/attach/losses.c, with counters of the test */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "bpf/event.h"
#include "record/attach/losses.h"
#include "record/common/clock.h"
#include "tests/record/memory_trace.h"

#define CPU_COUNT 2
#define KEY_COUNT ((size_t)EVENT_KIND_COUNT * LOSS_REASON_COUNT)
#define LOSS_FD   77

/* What the stubs below report. */
static struct loss counters[KEY_COUNT][CPU_COUNT];
static struct programs_misses misses[2];
static unsigned int epochs;
static bool is_new;
static unsigned int lookups;

int libbpf_num_possible_cpus(void)
{
	return CPU_COUNT;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	uint32_t index;

	assert_int_equal(fd, LOSS_FD);
	memcpy(&index, key, sizeof(index));
	assert_in_range(index, 0, KEY_COUNT - 1);
	memcpy(value, counters[index], sizeof(counters[index]));
	lookups++;
	return 0;
}

int programs_loss_fd(const struct programs *programs)
{
	(void)programs;
	return LOSS_FD;
}

bool programs_has_new_loss(const struct programs *programs)
{
	(void)programs;
	return is_new;
}

void programs_clear_new_loss(struct programs *programs)
{
	(void)programs;
	is_new = false;
}

void programs_begin_loss_epoch(struct programs *programs)
{
	(void)programs;
	epochs++;
}

bool programs_misses(const struct programs *programs, size_t index,
		     struct programs_misses *ret_misses)
{
	(void)programs;
	if (index >= 2)
		return false;
	*ret_misses = misses[index];
	return true;
}

bool programs_ring(const struct programs *programs, size_t index, struct programs_ring *ret_ring)
{
	(void)programs;
	*ret_ring = (struct programs_ring){index ? "signal" : "exit", 4096, 1024, 8u << 20};
	return index < 2;
}

int programs_ring_of_kind(const struct programs *programs, enum event_kind kind)
{
	(void)programs;
	return kind == EVENT_EXIT ? 0 : kind == EVENT_SIGNAL || kind == EVENT_OOM ? 1 : -1;
}

struct fixture {
	struct losses *losses;
	struct memory_trace trace;
	struct recording recording;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	memset(counters, 0, sizeof(counters));
	lookups = 0;
	memset(misses, 0, sizeof(misses));
	epochs = 0;
	is_new = false;
	memory_trace_begin(&fixture.trace);
	fixture.recording = (struct recording){.writer = fixture.trace.writer};
	fixture.losses = losses_new(NULL);
	*state = &fixture;
	return fixture.losses ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	losses_free(fixture->losses);
	memory_trace_end(&fixture->trace);
	return 0;
}

static void collect(struct fixture *fixture)
{
	struct problem problem;

	assert_true(losses_collect(fixture->losses, &fixture->recording, &problem));
}

/* For a change, after which the BPF programs set the flag. */
static struct loss *counter_of(enum event_kind kind, enum loss_reason reason, size_t cpu)
{
	is_new = true;
	return &counters[(size_t)kind * LOSS_REASON_COUNT + reason][cpu];
}

static void assert_lost(struct fixture *fixture, const char *kind, const char *reason,
			uint64_t count)
{
	const struct dz_lost *row = memory_trace_next(&fixture->trace, DZ_KIND_LOST);

	assert_string_equal(memory_trace_text(&fixture->trace, row->kind), kind);
	assert_string_equal(memory_trace_text(&fixture->trace, row->reason), reason);
	assert_int_equal(row->count, count);
}

/* Whether readers know it as a kind, or the table of event kinds documents it. */
static bool is_known_name(const char *name)
{
	static const char *const others[] = {"cgroup", "user_stack", "command_line"};
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(others[i], name) == 0)
			return true;
	}
	return false;
}

static void every_kind_has_a_known_name(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int kind = 0; kind < EVENT_KIND_COUNT; kind++)
		*counter_of(kind, LOSS_RING_FULL, 0) = (struct loss){.count = kind + 1};
	collect(fixture);
	memory_trace_read(&fixture->trace);
	for (unsigned int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		const struct dz_lost *row = memory_trace_next(&fixture->trace, DZ_KIND_LOST);

		assert_int_equal(row->count, kind + 1);
		assert_true(is_known_name(memory_trace_text(&fixture->trace, row->kind)));
	}
}

static void a_lost_step_batch_is_lost_steps(void **state)
{
	struct fixture *fixture = *state;

	*counter_of(EVENT_STEP_BATCH, LOSS_RING_FULL, 0) = (struct loss){.count = 5};
	collect(fixture);
	memory_trace_read(&fixture->trace);
	assert_lost(fixture, dz_schema_find(DZ_KIND_STEP)->name, "ring full", 5);
}

static void a_row_has_cpu_times_and_reason(void **state)
{
	struct fixture *fixture = *state;
	const struct dz_lost *row;

	*counter_of(EVENT_SIGNAL, LOSS_NO_SCRATCH, 1) =
		(struct loss){.count = 3, .first_ns = 1000, .last_ns = 2000};
	collect(fixture);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_LOST);
	assert_int_equal(row->cpu, 1);
	assert_int_equal(row->time, 1000);
	assert_int_equal(row->last, 2000);
	assert_int_equal(row->count, 3);
	assert_string_equal(memory_trace_text(&fixture->trace, row->kind), "signal");
	assert_string_equal(memory_trace_text(&fixture->trace, row->reason),
			    "too many programs nested");
}

static void only_new_losses_are_added(void **state)
{
	struct fixture *fixture = *state;

	counter_of(EVENT_EXIT, LOSS_NOT_FOLLOWED, 0)->count = 5;
	collect(fixture);
	is_new = true;
	collect(fixture);
	assert_int_equal(losses_total(fixture->losses), 5);
	counter_of(EVENT_EXIT, LOSS_NOT_FOLLOWED, 0)->count = 8;
	collect(fixture);
	assert_int_equal(losses_total(fixture->losses), 8);
	assert_int_equal(epochs, 3);
	memory_trace_read(&fixture->trace);
	assert_lost(fixture, "exit", "too many processes to follow", 5);
	assert_lost(fixture, "exit", "too many processes to follow", 3);
}

/* Until then the counters need not be read. */
static void they_are_due_when_one_is_new_and_after_a_while(void **state)
{
	struct fixture *fixture = *state;
	uint64_t before_ns;

	assert_true(losses_due_ns(fixture->losses) > clock_boottime_ns());
	is_new = true;
	assert_int_equal(losses_due_ns(fixture->losses), 0);
	before_ns = clock_boottime_ns();
	collect(fixture);
	assert_in_range(losses_due_ns(fixture->losses), before_ns + UINT64_C(10000000000),
			clock_boottime_ns() + UINT64_C(10000000000));
}

static void counters_are_read_only_if_one_is_new(void **state)
{
	struct fixture *fixture = *state;

	misses[0] =
		(struct programs_misses){.kind = EVENT_EXIT, .reason = "of the kernel", .count = 2};
	collect(fixture);
	assert_int_equal(lookups, 0);
	assert_int_equal(losses_total(fixture->losses), 2);
	counter_of(EVENT_SIGNAL, LOSS_NO_SCRATCH, 1)->count = 3;
	collect(fixture);
	assert_int_equal(lookups, KEY_COUNT);
	assert_int_equal(losses_total(fixture->losses), 5);
	assert_false(is_new);
}

static void a_full_ring_has_the_losses_of_all_its_kinds(void **state)
{
	struct fixture *fixture = *state;
	struct loss_of_ring ring;

	assert_false(losses_of_ring(fixture->losses, 0, &ring));
	*counter_of(EVENT_SIGNAL, LOSS_RING_FULL, 0) =
		(struct loss){.count = 3, .first_ns = 1000, .last_ns = 2000};
	*counter_of(EVENT_OOM, LOSS_RING_FULL, 1) =
		(struct loss){.count = 1, .first_ns = 1500, .last_ns = 2500};
	*counter_of(EVENT_EXIT, LOSS_NO_SCRATCH, 1) = (struct loss){.count = 9};
	collect(fixture);
	*counter_of(EVENT_SIGNAL, LOSS_RING_FULL, 0) =
		(struct loss){.count = 5, .first_ns = 9000, .last_ns = 9100};
	collect(fixture);
	assert_true(losses_of_ring(fixture->losses, 0, &ring));
	assert_string_equal(ring.name, "signal");
	assert_int_equal(ring.ring_bytes, 4096);
	assert_int_equal(ring.buffer_bytes, 1024);
	assert_int_equal(ring.larger_bytes, 8u << 20);
	assert_int_equal(ring.count, 6);
	/* From 1000 to 2500, and from 9000 to 9100. */
	assert_int_equal(ring.full_ns, 1600);
	assert_false(losses_of_ring(fixture->losses, 1, &ring));
}

static void the_share_of_a_user_is_another_reason(void **state)
{
	struct fixture *fixture = *state;
	struct loss_of_ring ring;

	*counter_of(EVENT_SIGNAL, LOSS_USER_SHARE, 0) =
		(struct loss){.count = 7, .first_ns = 1000, .last_ns = 1500};
	collect(fixture);
	memory_trace_read(&fixture->trace);
	assert_lost(fixture, "signal", "ring full for one user", 7);
	/* A larger ring has a larger share. */
	assert_true(losses_of_ring(fixture->losses, 0, &ring));
	assert_string_equal(ring.name, "signal");
	assert_int_equal(ring.count, 7);
	assert_int_equal(ring.full_ns, 500);
}

static void misses_of_the_kernel_have_no_cpu(void **state)
{
	struct fixture *fixture = *state;
	const struct dz_lost *row;

	misses[0] = (struct programs_misses){EVENT_DELIVERY, "another program was running", 4};
	misses[1] = (struct programs_misses){EVENT_PROBE, "another probe was being handled", 0};
	collect(fixture);
	misses[0].count = 6;
	misses[1].count = 1;
	collect(fixture);
	assert_int_equal(losses_total(fixture->losses), 7);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_LOST);
	assert_int_equal((int64_t)row->cpu, -1);
	assert_int_equal(row->count, 4);
	assert_true(row->time <= row->last);
	assert_lost(fixture, "delivery", "another program was running", 2);
	assert_lost(fixture, "probe", "another probe was being handled", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_has_a_known_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_step_batch_is_lost_steps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_has_cpu_times_and_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_new_losses_are_added, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counters_are_read_only_if_one_is_new, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(they_are_due_when_one_is_new_and_after_a_while,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_ring_has_the_losses_of_all_its_kinds, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_share_of_a_user_is_another_reason, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(misses_of_the_kernel_have_no_cpu, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
