/* tests/record/convert/test_translator.c - record/convert/translator.c and record/convert/tasks.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/convert/translator.h"
#include "tests/record/memory_trace.h"

struct fixture {
	struct translator *translator;
	struct memory_trace trace;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	memory_trace_begin(&fixture.trace);
	fixture.translator = translator_new(NULL, NULL);
	if (!fixture.translator)
		return -1;
	translator_use(fixture.translator, fixture.trace.writer);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	translator_free(fixture->translator);
	memory_trace_end(&fixture->trace);
	return 0;
}

static struct event_task task_of(uint32_t pid, const char *comm)
{
	struct event_task task = {.process_start_ns = 5000,
				  .start_ns = 6000,
				  .pid = pid,
				  .tid = pid + 1,
				  .ns_pid = 7,
				  .ns_tid = 8,
				  .uid = 1000,
				  .gid = 1001};

	memcpy(task.comm, comm, strlen(comm));
	memcpy(task.process_comm, "leader", sizeof("leader"));
	return task;
}

static struct event_exit exit_of(uint16_t status)
{
	return (struct event_exit){
		.header = {.time_ns = 9000, .cpu = 1, .kind = EVENT_EXIT},
		.task = task_of(100, "worker"),
		.status = status,
		.system_call = -1,
	};
}

static void add(struct fixture *fixture, const void *record, size_t size)
{
	assert_int_equal(translator_add(fixture->translator, record, size), DZ_OK);
}

static void a_wait_status_becomes_code_signal_and_core(void **state)
{
	static const struct {
		uint16_t status;
		uint64_t code, signal, core;
	} known[] = {{0, 0, 0, 0}, {0xff00, 255, 0, 0}, {9, 0, 9, 0}, {0x86, 0, 6, 1}};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++) {
		struct event_exit event = exit_of(known[i].status);

		add(fixture, &event, sizeof(event));
	}
	memory_trace_read(&fixture->trace);
	for (size_t i = 0; i < 4; i++) {
		const struct dz_exit *row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);

		assert_int_equal(row->exit_code, known[i].code);
		assert_int_equal(row->signal, known[i].signal);
		assert_int_equal(row->core_dumped, known[i].core);
		assert_int_equal((int64_t)row->system_call, -1);
	}
}

static void a_wait_has_a_row_for_each_holder(void **state)
{
	struct fixture *fixture = *state;
	struct event_runq event = {
		.header = {.time_ns = 9000, .cpu = 3, .kind = EVENT_RUNQ},
		.task = task_of(100, "waiter"),
		.waited_ns = 600,
		.unknown_ns = 100,
		.cause = SCHED_CREATED,
		.throttled = 1,
		.moves = 2,
	};
	const struct dz_runq *wait;
	const struct dz_runq_holder *row;

	event.waker = (struct event_peer){.pid = 40, .tid = 41, .comm = "waker"};
	event.previous = (struct event_peer){.pid = 50, .tid = 51, .comm = "before"};
	event.holders[0] = (struct sched_holder){.task = {.pid = 50, .tid = 51}, .held_ns = 300};
	event.holders[1] = (struct sched_holder){.task = {.pid = 60, .tid = 61}, .held_ns = 200};
	event.holder_count = 2;
	add(fixture, &event, offsetof(struct event_runq, holders[2]));
	memory_trace_read(&fixture->trace);
	wait = memory_trace_next(&fixture->trace, DZ_KIND_RUNQ);
	assert_int_equal(wait->waited, 600);
	assert_int_equal(wait->cause, 2);
	assert_int_equal(wait->throttled, 1);
	assert_int_equal(wait->moves, 2);
	assert_int_equal(dz_reader_task(fixture->trace.reader, wait->waker)->tid, 41);
	assert_int_equal(dz_reader_task(fixture->trace.reader, wait->previous)->tid, 51);
	for (size_t i = 0; i < 2; i++) {
		row = memory_trace_next(&fixture->trace, DZ_KIND_RUNQ_HOLDER);
		assert_int_equal(row->time, 9000);
		assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
		assert_int_equal(dz_reader_task(fixture->trace.reader, row->holder)->tid,
				 51 + 10 * i);
		assert_int_equal(row->held, i == 0 ? 300 : 200);
	}
	row = memory_trace_next(&fixture->trace, DZ_KIND_RUNQ_HOLDER);
	assert_int_equal(row->holder, 0);
	assert_int_equal(row->held, 100);
	assert_int_equal(translator_invalid_count(fixture->translator), 0);
}

static void a_wait_has_the_size_of_its_holders(void **state)
{
	struct fixture *fixture = *state;
	struct event_runq event = {
		.header = {.time_ns = 9000, .kind = EVENT_RUNQ},
		.task = task_of(100, "waiter"),
		.waited_ns = 600,
	};

	add(fixture, &event, offsetof(struct event_runq, holders));
	event.holder_count = SCHED_HOLDERS_MAX;
	add(fixture, &event, sizeof(event));
	assert_int_equal(translator_invalid_count(fixture->translator), 0);
	add(fixture, &event, sizeof(event) - sizeof(event.holders[0]));
	event.holder_count = SCHED_HOLDERS_MAX + 1;
	add(fixture, &event, sizeof(event) + sizeof(event.holders[0]));
	event.holder_count = 0;
	add(fixture, &event, sizeof(event));
	add(fixture, &event, offsetof(struct event_runq, holders) - 1);
	assert_int_equal(translator_invalid_count(fixture->translator), 4);
}

static void a_sample_has_its_task_and_its_stack(void **state)
{
	struct fixture *fixture = *state;
	struct {
		struct event_cpu event;
		uint64_t frames[1];
	} sample = {
		{.header = {.time_ns = 9000, .cpu = 3, .kind = EVENT_CPU, .kernel_frame_count = 1},
		 .task = task_of(100, "runner"),
		 .period_ns = 1000000},
		{0x11},
	};
	const struct dz_cpu *row;

	add(fixture, &sample, sizeof(sample));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_CPU);
	assert_int_equal(row->time, 9000);
	assert_int_equal(row->cpu, 3);
	assert_int_equal(row->period, 1000000);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
	assert_int_not_equal(row->kernel_stack, 0);
	assert_int_equal(row->user_stack, 0);
}

static void a_numbered_kernel_stack_is_that_of_its_cpu(void **state)
{
	struct fixture *fixture = *state;
	struct {
		struct event_exit event;
		uint64_t frames[2];
	} walked = {exit_of(0), {0x11, 0x22}};
	struct event_exit same = exit_of(0), other_cpu = exit_of(0), other_number = exit_of(0);
	const struct dz_exit *row;
	uint64_t reference;

	walked.event.header.kernel_frame_count = 2;
	walked.event.known_stack = same.known_stack = KNOWN_STACK_EXIT_GROUP;
	other_cpu.known_stack = KNOWN_STACK_EXIT_GROUP;
	other_cpu.header.cpu = 2;
	other_number.known_stack = KNOWN_STACK_EXIT;
	add(fixture, &walked, sizeof(walked));
	add(fixture, &same, sizeof(same));
	add(fixture, &other_cpu, sizeof(other_cpu));
	add(fixture, &other_number, sizeof(other_number));
	assert_int_equal(translator_invalid_count(fixture->translator), 2);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	reference = row->kernel_stack;
	assert_int_not_equal(reference, 0);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->kernel_stack, reference);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->kernel_stack, 0);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->kernel_stack, 0);
}

static void an_exit_names_the_thread_that_ended_the_process(void **state)
{
	struct fixture *fixture = *state;
	struct event_exit known = exit_of(0x500), unknown = exit_of(0x500);
	const struct dz_exit *row;

	known.never_executed = 1;
	known.end_thread = (struct event_end_thread){.comm = "fifteen-letters", .tid = 107};
	add(fixture, &known, sizeof(known));
	add(fixture, &unknown, sizeof(unknown));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->end_tid, 107);
	assert_int_equal(row->never_executed, 1);
	assert_string_equal(memory_trace_text(&fixture->trace, row->end_comm), "fifteen-letters");
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->end_tid, 0);
	assert_int_equal(row->end_comm, 0);
	assert_int_equal(row->never_executed, 0);
}

static void a_task_keeps_its_identity_and_its_ancestors(void **state)
{
	struct fixture *fixture = *state;
	struct {
		struct event_exit event;
		struct event_ancestor ancestors[2];
	} record = {exit_of(0),
		    {{.pid = 50, .ns_pid = 7, .uid = 3, .comm = "shell", .process_start_ns = 400},
		     {.pid = 1, .comm = "init", .process_start_ns = 100}}};
	const struct dz_exit *row;
	const struct dz_task *task, *parent, *grandparent;

	record.event.header.ancestor_count = 2;
	add(fixture, &record, sizeof(record));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	task = dz_reader_task(fixture->trace.reader, row->task);
	assert_int_equal(task->pid, 100);
	assert_int_equal(task->tid, 101);
	assert_int_equal(task->process_start, 4096); /* 5000, down to a multiple of 1024 */
	assert_int_equal(task->start, 5120);
	assert_int_equal(task->uid, 1000);
	assert_string_equal(memory_trace_text(&fixture->trace, task->comm), "worker");
	assert_string_equal(memory_trace_text(&fixture->trace, task->process_comm), "leader");
	parent = dz_reader_task(fixture->trace.reader, task->parent);
	assert_int_equal(parent->pid, 50);
	assert_int_equal(parent->uid, 3);
	assert_int_equal(parent->ns_pid, 7);
	assert_int_equal(parent->start, 400); /* 0 would be unknown */
	grandparent = dz_reader_task(fixture->trace.reader, parent->parent);
	assert_string_equal(memory_trace_text(&fixture->trace, grandparent->comm), "init");
	assert_int_equal(grandparent->parent, 0);
}

static void run_time_is_split_by_the_ratio_of_ticks(void **state)
{
	static const struct {
		uint64_t user_ns, system_ns, section_ns, user_us, system_us;
	} known[] = {
		{0, 0, 3000000, 3000, 0},
		{0, 4000000, 3000000, 0, 3000},
		{4000000, 0, 3000000, 3000, 0},
		{8000000, 4000000, 9000000, 6000, 3000},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++) {
		struct event_exit event = exit_of(0);

		event.user_time_ns = known[i].user_ns;
		event.system_time_ns = known[i].system_ns;
		event.run_time_ns = known[i].section_ns;
		add(fixture, &event, sizeof(event));
	}
	memory_trace_read(&fixture->trace);
	for (size_t i = 0; i < 4; i++) {
		const struct dz_exit *row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);

		assert_int_equal(row->user_time, known[i].user_us);
		assert_int_equal(row->system_time, known[i].system_us);
	}
}

static void memory_is_in_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct event_exit event = exit_of(0);
	const struct dz_exit *row;

	event.max_rss_pages = 3;
	add(fixture, &event, sizeof(event));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	assert_int_equal(row->max_rss, 3 * sysconf(_SC_PAGESIZE));
}

static void a_signal_has_a_sender_and_a_receiver(void **state)
{
	struct fixture *fixture = *state;
	const struct event_signal event = {
		.header = {.time_ns = 9000, .kind = EVENT_SIGNAL},
		.task = task_of(100, "sender"),
		.receiver = task_of(200, "receiver"),
		.code = -6,
		.value = -1,
		.signal = 10,
		.result = 2,
		.facts = SIGNAL_FACT_GROUP,
		.system_call = 62,
	};
	const struct dz_signal *row;

	add(fixture, &event, sizeof(event));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_SIGNAL);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->receiver)->pid, 200);
	assert_int_equal((int64_t)row->code, -6);
	assert_int_equal((int64_t)row->value, -1);
	assert_int_equal(row->group, 1);
	assert_int_equal(row->result, 2);
}

static void a_delivery_has_the_sender_of_its_group(void **state)
{
	struct fixture *fixture = *state;
	const struct event_delivery event = {
		.header = {.time_ns = 9000, .cpu = 3, .kind = EVENT_DELIVERY},
		.task = task_of(100, "worker"),
		.address = 0xdead0000,
		.code = -6,
		.group_code = 1,
		.sender_pid = 77,
		.sender_uid = 1002,
		.signal = 11,
		.handled = 1,
	};
	const struct dz_delivery *row;

	add(fixture, &event, sizeof(event));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_DELIVERY);
	assert_int_equal(row->time, 9000);
	assert_int_equal(row->cpu, 3);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
	assert_int_equal(row->signal, 11);
	assert_int_equal((int64_t)row->code, -6);
	assert_int_equal(row->handled, 1);
	assert_int_equal(row->group_code, 1);
	assert_int_equal(row->sender_pid, 77);
	assert_int_equal(row->sender_uid, 1002);
	assert_int_equal(row->address, 0xdead0000);
	assert_int_equal(row->user_stack, 0);
}

static void an_oom_kill_has_a_victim_and_its_memory_in_bytes(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct event_oom event = {
		.header = {.time_ns = 9000, .cpu = 2, .kind = EVENT_OOM},
		.task = task_of(100, "allocator"),
		.victim = task_of(200, "victim"),
		.total_vm_pages = 10,
		.anon_rss_pages = 7,
		.file_rss_pages = 2,
		.shmem_rss_pages = 1,
		.score_adjustment = -500,
		.limit_cgroup_id = 5,
		.limit_hierarchy = 3,
		.limit_pages = 20,
		.usage_pages = 19,
		.limits_read = 1,
		.free_pages = 30,
	};
	const struct dz_oom *row;

	add(fixture, &event, sizeof(event));
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_OOM);
	assert_int_equal(row->time, 9000);
	assert_int_equal(row->cpu, 2);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->victim)->pid, 200);
	assert_int_equal(row->total_vm, 10 * page_bytes);
	assert_int_equal(row->anon_rss, 7 * page_bytes);
	assert_int_equal(row->file_rss, 2 * page_bytes);
	assert_int_equal(row->shmem_rss, page_bytes);
	assert_int_equal((int64_t)row->score_adjustment, -500);
	assert_int_equal(row->limit_cgroup, 0);
	assert_int_equal(row->limit, 20 * page_bytes);
	assert_int_equal(row->usage, 19 * page_bytes);
	assert_int_equal(row->memory_total, (uint64_t)sysconf(_SC_PHYS_PAGES) * page_bytes);
	assert_int_equal(row->limits_read, 1);
	assert_int_equal(row->memory_free, 30 * page_bytes);
}

/* Records with another taker, and those that nothing here was prepared for. */
static void a_record_that_came_here_by_mistake_is_counted(void **state)
{
	struct fixture *fixture = *state;
	const struct event_section section = {.header = {.kind = EVENT_SECTION}};
	const struct event_user_stack stack = {.header = {.kind = EVENT_USER_STACK}};
	const struct event_command_line line = {.header = {.kind = EVENT_COMMAND_LINE}};
	const struct event_probe_brief hit = {.header = {.kind = EVENT_PROBE_BRIEF}};

	add(fixture, &section, sizeof(section));
	add(fixture, &stack, sizeof(stack));
	add(fixture, &line, sizeof(line));
	add(fixture, &hit, sizeof(hit));
	assert_int_equal(translator_invalid_count(fixture->translator), 4);
}

static void a_record_of_the_wrong_size_is_counted_and_skipped(void **state)
{
	struct fixture *fixture = *state;
	struct event_exit event = exit_of(0);

	add(fixture, &event, sizeof(event) - 1);
	add(fixture, &event, 3);
	event.header.ancestor_count = 1;
	add(fixture, &event, sizeof(event));
	event.header.ancestor_count = 0;
	event.header.kind = EVENT_KIND_COUNT;
	add(fixture, &event, sizeof(event));
	assert_int_equal(translator_invalid_count(fixture->translator), 4);
	event.header.kind = EVENT_EXIT;
	add(fixture, &event, sizeof(event));
	assert_int_equal(translator_invalid_count(fixture->translator), 4);
}

static void a_control_group_is_known_to_later_records(void **state)
{
	struct fixture *fixture = *state;
	struct event_cgroup *group = calloc(1, sizeof(*group));
	struct event_exit event = exit_of(0);
	const struct dz_exit *row;
	const struct dz_task *task;

	assert_non_null(group);
	group->header.kind = EVENT_CGROUP;
	group->id = 77;
	group->names_bytes = 4;
	memcpy(group->names, "web", 4);
	event.task.cgroup_id = 77;
	add(fixture, group, offsetof(struct event_cgroup, names) + 4);
	add(fixture, &event, sizeof(event));
	free(group);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_EXIT);
	task = dz_reader_task(fixture->trace.reader, row->task);
	assert_string_equal(memory_trace_text(&fixture->trace, task->cgroup), "/web");
}

static void the_group_at_its_limit_has_its_path(void **state)
{
	struct fixture *fixture = *state;
	struct event_cgroup *group = calloc(1, sizeof(*group));
	const struct event_oom event = {.header = {.time_ns = 9000, .kind = EVENT_OOM},
					.limit_cgroup_id = 77,
					.limit_hierarchy = 4};
	const struct dz_oom *row;

	assert_non_null(group);
	group->header.kind = EVENT_CGROUP;
	group->id = 77;
	group->hierarchy = 4;
	group->names_bytes = 4;
	memcpy(group->names, "web", 4);
	add(fixture, group, offsetof(struct event_cgroup, names) + 4);
	add(fixture, &event, sizeof(event));
	free(group);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_OOM);
	assert_string_equal(memory_trace_text(&fixture->trace, row->limit_cgroup), "/web");
}

static void a_hit_names_its_task_and_its_stack_by_number(void **state)
{
	static char name[] = "kprobe:vfs_read";
	struct fixture *fixture = *state;
	const struct probe_spec spec = {.form = PROBE_KPROBE};
	struct probe probe = {.spec = &spec, .name = name};
	const struct probe_list probes = {.probes = &probe, .count = 1};
	const struct event_probe_task task = {
		.header = {.kind = EVENT_PROBE_TASK}, .task = task_of(100, "reader"), .number = 9};
	const struct {
		struct event_probe_stack stack;
		uint64_t addresses[2];
	} stack = {{.header = {.kind = EVENT_PROBE_STACK, .kernel_frame_count = 2}, .number = 5},
		   {0xffffffff81000000, 0xffffffff81000100}};
	struct event_probe_brief hit = {
		.header = {.time_ns = 9000, .kind = EVENT_PROBE_BRIEF}, .task = 9, .stack = 5};
	const struct dz_probe *row;

	assert_true(translator_use_probes(fixture->translator, &probes));
	add(fixture, &task, sizeof(task));
	add(fixture, &stack, sizeof(stack));
	add(fixture, &hit, sizeof(hit));
	hit.task = 8;
	hit.stack = PROBE_STACK_NONE;
	add(fixture, &hit, sizeof(hit));
	assert_int_equal(translator_invalid_count(fixture->translator), 1);
	memory_trace_read(&fixture->trace);
	row = memory_trace_next(&fixture->trace, DZ_KIND_PROBE);
	assert_int_equal(dz_reader_task(fixture->trace.reader, row->task)->pid, 100);
	assert_string_equal(memory_trace_text(&fixture->trace, row->probe), name);
	assert_int_not_equal(row->kernel_stack, 0);
	row = memory_trace_next(&fixture->trace, DZ_KIND_PROBE);
	assert_int_equal(row->task, 0);
	assert_int_equal(row->kernel_stack, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sample_has_its_task_and_its_stack, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_wait_has_a_row_for_each_holder, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_wait_has_the_size_of_its_holders, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_numbered_kernel_stack_is_that_of_its_cpu, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_exit_names_the_thread_that_ended_the_process,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wait_status_becomes_code_signal_and_core, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_task_keeps_its_identity_and_its_ancestors, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(run_time_is_split_by_the_ratio_of_ticks, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(memory_is_in_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_signal_has_a_sender_and_a_receiver, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_delivery_has_the_sender_of_its_group, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_oom_kill_has_a_victim_and_its_memory_in_bytes,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_record_that_came_here_by_mistake_is_counted,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_record_of_the_wrong_size_is_counted_and_skipped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_control_group_is_known_to_later_records, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_group_at_its_limit_has_its_path, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_hit_names_its_task_and_its_stack_by_number,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
