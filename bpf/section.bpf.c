/* bpf/section.bpf.c - starts and stops sections, counts all, and hands over those to be kept */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/section.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/section_step.bpf.h"
#include "bpf/task.bpf.h"

#define RUN_CHARGE_TRIES  8
#define RUN_MAXIMUM_TRIES 32

/* Set before load. */
const volatile struct run_settings run_settings;

struct run_failures run_failures;

__u64 run_sections_started;

/* Threads in a section, if there are samples. */
volatile __u32 run_open_threads;
volatile __u32 run_sampling; /* enum run_sampling */

struct run_thread_map run_threads SEC(".maps");
struct run_slots_map run_slots SEC(".maps");
struct run_free_slots_map run_free_slots SEC(".maps");
struct ring_map run_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct run_tally_key);
	__type(value, struct run_tally);
} run_tallies SEC(".maps");

__noinline __u64 run_charge(struct run_thread *thread)
{
	struct run_account *account;
	__u32 level, row, condition;

	if (!thread)
		return 0;
	level = run_level(thread);
	account = &thread->accounts[level];
	row = thread->row & (RUN_ROWS - 1);
	condition = run_condition(thread);
	thread->sections[level].dirty = 1;
	for (int i = 0; i < RUN_CHARGE_TRIES; i++) {
		__u64 before_ns = *(volatile __u64 *)&thread->charged_ns;
		__u64 now_ns = bpf_ktime_get_boot_ns();

		if (__sync_val_compare_and_swap(&thread->charged_ns, before_ns, now_ns) ==
		    before_ns) {
			__sync_fetch_and_add(&account->rows[row].ns[condition], now_ns - before_ns);
			return now_ns;
		}
	}
	return bpf_ktime_get_boot_ns();
}

_Static_assert(sizeof(struct run_tally) + 8 <= sizeof(struct scratch_slot), "fits into scratch");

/* A read that fails clears what it should have filled: the shortest way to clear much memory. */
static __always_inline void run_clear(void *memory, __u32 bytes)
{
	bpf_probe_read_kernel(memory, bytes, NULL);
}

/* Global, as is the next: inlined, their branches would multiply those of their caller. */
__noinline int run_raise(__u64 *maximum, __u64 value)
{
	if (!maximum)
		return 0;
	for (int i = 0; i < RUN_MAXIMUM_TRIES; i++) {
		__u64 seen = *(volatile __u64 *)maximum;

		if (seen >= value || __sync_val_compare_and_swap(maximum, seen, value) == seen)
			return 0;
	}
	return 0;
}

__noinline __u32 run_bucket_of(__u64 duration_ns)
{
	__u32 bucket = 0;

#pragma unroll
	for (int step = 32; step; step >>= 1) {
		if (duration_ns >> step) {
			duration_ns >>= step;
			bucket += (__u32)step;
		}
	}
	return bucket < RUN_BUCKETS ? bucket : RUN_BUCKETS - 1;
}

/* A thread may have got another name or owner since its first section. */
static __always_inline void run_identify(struct run_thread *thread)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if ((__u32)task->pid != thread->identity.tid)
		return;
	thread->identity.uid = BPF_CORE_READ(task, real_cred, uid.val);
	thread->identity.gid = BPF_CORE_READ(task, real_cred, gid.val);
	task_comm(thread->identity.comm, task);
	task_comm(thread->identity.process_comm, BPF_CORE_READ(task, group_leader));
}

static __always_inline struct run_tally *run_tally_new(const struct run_tally_key *key,
						       struct run_thread *thread)
{
	struct scratch_slot *slot = scratch_acquire();
	struct run_tally *blank;

	if (!slot)
		return NULL;
	run_identify(thread);
	blank = (struct run_tally *)slot->bytes;
	run_clear(blank, sizeof(*blank));
	blank->task = thread->identity;
	bpf_map_update_elem(&run_tallies, key, blank, BPF_NOEXIST);
	scratch_release(slot);
	return bpf_map_lookup_elem(&run_tallies, key);
}

static __noinline void run_tally_add(struct run_thread *thread, const struct run_section *section,
				     __u64 duration_ns, bool kept)
{
	struct run_tally_key key = {.process_start_ns = thread->identity.process_start_ns,
				    .pid = thread->identity.pid,
				    .source = section->source};
	struct run_tally *tally;
	struct run_bucket *bucket;
	__u32 number;

	__builtin_memcpy(key.label, section->label, sizeof(key.label));
	tally = bpf_map_lookup_elem(&run_tallies, &key);
	if (!tally)
		tally = run_tally_new(&key, thread);
	if (!tally) {
		__sync_fetch_and_add(&run_failures.no_tally, 1);
		return;
	}
	number = run_bucket_of(duration_ns);
	if (number >= RUN_BUCKETS)
		return;
	bucket = &tally->buckets[number];
	__sync_fetch_and_add(&bucket->count, 1);
	__sync_fetch_and_add(&bucket->sum_ns, duration_ns);
	if (kept)
		__sync_fetch_and_add(&bucket->kept, 1);
	run_raise(&bucket->max_ns, duration_ns);
	run_raise(&bucket->min_inverted, ~duration_ns);
}

/* Samples are taken only while somebody is in a section: the first one wakes user space, which
 * switches them on. */
static __always_inline void run_thread_opened(void)
{
	void *nothing;

	if (!run_settings.has_samples)
		return;
	__sync_fetch_and_add(&run_open_threads, 1);
	if (run_sampling != RUN_SAMPLING_OFF ||
	    __sync_val_compare_and_swap(&run_sampling, RUN_SAMPLING_OFF, RUN_SAMPLING_ASKED) !=
		    RUN_SAMPLING_OFF)
		return;
	/* Where there is no room in the ring, the reader is awake. */
	nothing = bpf_ringbuf_reserve(&run_ring, sizeof(__u64), 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void run_thread_closed(void)
{
	if (run_settings.has_samples)
		__sync_fetch_and_add(&run_open_threads, -1);
}

/* Hands the slot of an ended outermost section over, or puts it back into the pool. */
static __always_inline void run_slot_release(struct run_thread *thread, __u64 time_ns)
{
	struct event_steps *event = NULL;
	__u32 number = thread->slot - 1;

	if (!thread->slot)
		return;
	thread->slot = 0;
	if (thread->group_kept) {
		event = bpf_ringbuf_reserve(&run_ring, sizeof(*event), 0);
		if (!event)
			loss_add(EVENT_STEPS, LOSS_RING_FULL);
	}
	if (!event) {
		bpf_map_push_elem(&run_free_slots, &number, 0);
		return;
	}
	event->header = (struct event_header){
		.time_ns = time_ns, .cpu = bpf_get_smp_processor_id(), .kind = EVENT_STEPS};
	event->task = thread->identity;
	event->head = thread->head;
	event->outermost = thread->sections[0].number;
	event->slot = number;
	event->total = thread->sequence;
	bpf_ringbuf_submit(event, ring_flags(&run_ring, sizeof(*event)));
}

/* The first step that is still in the slot tells how many came before it. */
static __always_inline void run_tell_dropped(const struct run_thread *thread,
					     struct event_section *event)
{
	__u64 segment_bytes = run_settings.slot_bytes / RUN_SEGMENTS;
	__u32 key = thread->slot - 1;
	__u8 *slot = thread->slot ? bpf_map_lookup_elem(&run_slots, &key) : NULL;
	struct run_step *step;
	__u64 position;

	event->dropped_until_ns = slot || !thread->sequence ? 0 : event->header.time_ns;
	event->dropped_steps = slot ? 0 : thread->sequence;
	if (!slot || thread->head <= run_settings.slot_bytes)
		return;
	position = (thread->head / segment_bytes + 1) * segment_bytes % run_settings.slot_bytes;
	if (position > run_settings.slot_bytes - sizeof(*step))
		return;
	step = (struct run_step *)(slot + position);
	event->dropped_until_ns = step->time_ns;
	event->dropped_steps = step->sequence;
}

static __always_inline void run_section_fill(const struct run_thread *thread,
					     struct event_section *event, __u64 stop_ns, __u32 end)
{
	__u32 level = run_level(thread);
	const struct run_section *section = &thread->sections[level];

	event->header = (struct event_header){
		.time_ns = stop_ns, .cpu = bpf_get_smp_processor_id(), .kind = EVENT_SECTION};
	event->task = thread->identity;
	event->start_ns = section->start_ns;
	event->threshold_ns = section->threshold_ns;
	event->number = section->number;
	event->outer = level ? thread->sections[(level - 1) & (RUN_DEPTH_MAX - 1)].number : 0;
	event->outermost = thread->sections[0].number;
	run_tell_dropped(thread, event);
	event->source = section->source;
	event->end = (__u8)end;
	event->row_count = (__u8)thread->row_count;
	event->depth = (__u8)level;
	__builtin_memcpy(event->label, section->label, sizeof(event->label));
	__builtin_memcpy(event->calls, thread->calls, sizeof(event->calls));
}

/* `rows` is a constant. Returns whether there was room. */
static __always_inline bool run_section_tell(struct run_thread *thread, __u64 stop_ns, __u32 end,
					     __u32 rows)
{
	__u64 rows_bytes = rows * sizeof(struct run_row);
	__u64 bytes = sizeof(struct event_section) - sizeof(struct run_account) + rows_bytes;
	struct event_section *event = bpf_ringbuf_reserve(&run_ring, bytes, 0);

	if (!event)
		return false;
	run_section_fill(thread, event, stop_ns, end);
	bpf_probe_read_kernel(&event->account, (__u32)rows_bytes,
			      &thread->accounts[run_level(thread)]);
	bpf_ringbuf_submit(event, ring_flags(&run_ring, bytes));
	return true;
}

static __always_inline void run_section_keep(struct run_thread *thread, __u64 stop_ns, __u32 end)
{
	bool told;

	run_identify(thread);
	if (thread->row_count <= RUN_ROWS_FEW)
		told = run_section_tell(thread, stop_ns, end, RUN_ROWS_FEW);
	else
		told = run_section_tell(thread, stop_ns, end, RUN_ROWS);
	if (told)
		thread->group_kept = 1;
	else
		loss_add(EVENT_SECTION, LOSS_RING_FULL);
}

/* Adds what an inner section has used up to the one around it, and clears it. */
static __always_inline void run_account_fold(struct run_thread *thread, __u32 level)
{
	struct run_account *inner = &thread->accounts[level & (RUN_DEPTH_MAX - 1)];
	struct run_account *outer = &thread->accounts[(level - 1) & (RUN_DEPTH_MAX - 1)];

	for (__u32 row = 0; level && row < RUN_ROWS; row++) {
		for (__u32 i = 0; i < RUN_CONDITION_COUNT; i++) {
			outer->rows[row].ns[i] += inner->rows[row].ns[i];
			outer->rows[row].counts[i] += inner->rows[row].counts[i];
		}
	}
	run_clear(inner, sizeof(*inner));
	thread->sections[level & (RUN_DEPTH_MAX - 1)].dirty = 0;
	if (level)
		thread->sections[(level - 1) & (RUN_DEPTH_MAX - 1)].dirty = 1;
}

static __always_inline void run_charge_until(struct run_thread *thread, __u64 stop_ns)
{
	__u32 level = run_level(thread);
	__u32 row = thread->row & (RUN_ROWS - 1);

	thread->sections[level].dirty = 1;
	if (stop_ns > thread->charged_ns) {
		thread->accounts[level].rows[row].ns[run_condition(thread)] +=
			stop_ns - thread->charged_ns;
		thread->charged_ns = stop_ns;
	}
}

__noinline int run_section_end(struct run_thread *thread, __u64 stop_ns, __u32 end)
{
	struct run_section *section;
	__u32 level;
	bool kept;

	if (!thread)
		return 0;
	level = run_level(thread);
	section = &thread->sections[level];
	/* What an interrupt has charged just before is not taken back. */
	if (stop_ns < thread->charged_ns)
		stop_ns = thread->charged_ns;
	kept = stop_ns - section->start_ns >= section->threshold_ns;
	if (section->source != RUN_SOURCE_MEASURED)
		run_tally_add(thread, section, stop_ns - section->start_ns, kept);
	if (kept || section->dirty)
		run_charge_until(thread, stop_ns);
	if (kept)
		run_section_keep(thread, stop_ns, end);
	if (section->dirty)
		run_account_fold(thread, level);
	if (level == 0) {
		run_slot_release(thread, stop_ns);
		run_thread_closed();
	}
	thread->depth = level;
	return 0;
}

__noinline int run_sections_end(struct run_thread *thread, __u64 stop_ns, __u32 end, __u32 depth)
{
	if (!thread)
		return 0;
	thread->busy = 1;
	for (__u32 i = 0; i < RUN_DEPTH_MAX && thread->depth > depth; i++)
		run_section_end(thread, stop_ns, end);
	thread->busy = 0;
	return 0;
}

__noinline int run_section_stop(struct run_thread *thread, __u64 stop_ns, __u32 source, __u32 pair)
{
	__u32 found = 0;

	if (!thread)
		return false;
	if (thread->ignored_starts) {
		thread->ignored_starts--;
		return true;
	}
	for (__u32 level = 0; level < RUN_DEPTH_MAX && level < thread->depth; level++) {
		if (thread->sections[level].source == source &&
		    thread->sections[level].pair == pair)
			found = level + 1;
	}
	if (!found) {
		__sync_fetch_and_add(&run_failures.unmatched_stops, 1);
		return false;
	}
	run_sections_end(thread, stop_ns, RUN_END_STOPPED, found - 1);
	return true;
}

/* The first section of a thread in a row: everything about it starts anew. */
static __always_inline void run_thread_begin(struct run_thread *thread,
					     const struct run_start *start)
{
	thread->request = RUN_REQUEST_NONE;
	thread->group_kept = 0;
	thread->charged_ns = start->time_ns;
	thread->off = start->off;
	thread->interrupts = 0;
	thread->row = 0;
	thread->row_count = 1;
	thread->calls[0] = RUN_CALL_NONE;
	if (start->call)
		thread->row = run_row(thread, start->call - 1);
	thread->call_ns = 0;
	thread->fault_ns = 0;
	thread->out_ns = start->off ? start->time_ns : 0;
	thread->woken_ns = 0;
	thread->head = 0;
	thread->sequence = 0;
	thread->slot_failed = 0;
	thread->last_step = 0;
}

__noinline int run_section_start(struct run_thread *thread, const struct run_start *start)
{
	struct run_section *section;
	__u64 start_ns;
	__u32 level;

	if (!thread || !start)
		return false;
	level = thread->depth;
	start_ns = start->time_ns;
	if (level >= RUN_DEPTH_MAX) {
		thread->ignored_starts++;
		__sync_fetch_and_add(&run_failures.too_deep, 1);
		return false;
	}
	thread->busy = 1;
	if (level == 0) {
		run_thread_begin(thread, start);
	} else {
		if (start_ns < thread->charged_ns)
			start_ns = thread->charged_ns;
		run_charge_until(thread, start_ns);
	}
	section = &thread->sections[level & (RUN_DEPTH_MAX - 1)];
	section->start_ns = start_ns;
	section->threshold_ns =
		start->threshold_ns ? start->threshold_ns : run_settings.threshold_ns;
	section->number = start->source == RUN_SOURCE_MEASURED
				  ? 0
				  : __sync_fetch_and_add(&run_sections_started, 1) + 1;
	section->source = start->source;
	section->pair = start->pair;
	__builtin_memcpy(section->label, start->label, sizeof(section->label));
	thread->depth = level + 1;
	thread->busy = 0;
	if (level == 0)
		run_thread_opened();
	return true;
}

char LICENSE[] SEC("license") = "GPL";
