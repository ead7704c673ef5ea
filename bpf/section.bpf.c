/* bpf/section.bpf.c - starts, stops and counts sections, and sends those that are kept */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/section.bpf.h"
#include "bpf/section_quota.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/section_step.bpf.h"
#include "bpf/task.bpf.h"

#define SECTION_CHARGE_TRIES  8
#define SECTION_MAXIMUM_TRIES 32
#define SECTION_RESERVE_TRIES 8
#define SECTION_COUNT_TRIES   8
#define SECTION_BUSY_TRIES    8

/* Set before load. */
const volatile struct section_settings section_settings;

struct section_failures section_failures;

__u64 sections_started;
__u64 section_processes_ended;
volatile __u64 section_end_ns;

/* Threads in a section; counted only with samples. */
volatile __u32 section_open_threads;
volatile __u32 section_sampling; /* enum section_sampling */

struct section_thread_map section_threads SEC(".maps");
struct section_account_map section_accounts SEC(".maps");
struct section_owner_map section_owners SEC(".maps");
struct section_owner_returns_map section_returns SEC(".maps");
struct section_free_account_map section_free_accounts SEC(".maps");
struct section_slots_map section_slots SEC(".maps");
struct section_free_slots_map section_free_slots SEC(".maps");
struct ring_map section_ring SEC(".maps");

struct section_process_map section_processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SECTION_HISTOGRAMS_MAX);
	__type(key, struct section_histogram_key);
	__type(value, struct section_histogram);
} duration_histograms SEC(".maps");

static __always_inline struct section_owner *section_owner_find(__u64 owner)
{
	struct section_owner *found = bpf_map_lookup_elem(&section_owners, &owner);
	struct section_owner none = {.taken = {0}};

	if (found)
		return found;
	bpf_map_update_elem(&section_owners, &owner, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&section_owners, &owner);
}

static __always_inline __u64 section_owner_has(const struct section_owner *owner, __u64 key,
					       __u32 resource)
{
	struct section_owner_returns *returns = bpf_map_lookup_elem(&section_returns, &key);
	__u64 has = owner->taken[resource] - owner->returned[resource];

	return returns ? has - returns->returned[resource] : has;
}

__noinline int section_quota_take(__u64 owner, __u32 resource, __u32 count)
{
	struct section_owner *own, *all;
	__u64 used;

	if (resource >= SECTION_RESOURCE_COUNT)
		return false;
	own = section_owner_find(owner);
	all = section_owner_find(SECTION_OWNER_ALL);
	if (!own || !all)
		return false;
	used = section_owner_has(all, SECTION_OWNER_ALL, resource);
	if (used >= count || section_owner_has(own, owner, resource) > count - used)
		return false;
	__sync_fetch_and_add(&own->taken[resource], 1);
	__sync_fetch_and_add(&all->taken[resource], 1);
	return true;
}

__noinline int section_quota_return(__u64 owner, __u32 resource)
{
	struct section_owner *own, *all;

	if (resource >= SECTION_RESOURCE_COUNT)
		return 0;
	own = section_owner_find(owner);
	all = section_owner_find(SECTION_OWNER_ALL);
	if (own)
		__sync_fetch_and_add(&own->returned[resource], 1);
	if (all)
		__sync_fetch_and_add(&all->returned[resource], 1);
	return 0;
}

__noinline __u64 section_charge(struct section_thread *thread)
{
	struct section_account *account;
	__u32 level, row, state;

	if (!thread)
		return 0;
	level = section_level(thread);
	account = section_account(thread, level);
	if (!account)
		return 0;
	row = thread->row & (SECTION_ROWS - 1);
	state = phase_state(thread);
	thread->sections[level].dirty = 1;
	for (int i = 0; i < SECTION_CHARGE_TRIES; i++) {
		__u64 before_ns = *(volatile __u64 *)&thread->charged_ns;
		__u64 now_ns = bpf_ktime_get_boot_ns();

		if (__sync_val_compare_and_swap(&thread->charged_ns, before_ns, now_ns) ==
		    before_ns) {
			__sync_fetch_and_add(&account->rows[row].ns[state], now_ns - before_ns);
			return now_ns;
		}
	}
	return bpf_ktime_get_boot_ns();
}

#define SECTION_PPM        1000000ull
#define SECTION_PART_SHIFT 10 /* of a part of a bucket */

_Static_assert(sizeof(struct section_histogram) + 8 <= sizeof(struct scratch_slot),
	       "fits into scratch");

/* A read that fails clears its destination: the shortest way to clear much memory. */
static __always_inline void section_clear(void *memory, __u32 bytes)
{
	bpf_probe_read_kernel(memory, bytes, NULL);
}

/* Global, like the next one: inlined, their branches would multiply those of the caller. */
__noinline int section_raise(__u64 *maximum, __u64 value)
{
	if (!maximum)
		return 0;
	for (int i = 0; i < SECTION_MAXIMUM_TRIES; i++) {
		__u64 seen = *(volatile __u64 *)maximum;

		if (seen >= value || __sync_val_compare_and_swap(maximum, seen, value) == seen)
			return 0;
	}
	return 0;
}

__noinline __u32 section_bucket_of(__u64 duration_ns)
{
	__u32 bucket = 0;

#pragma unroll
	for (int step = 32; step; step >>= 1) {
		if (duration_ns >> step) {
			duration_ns >>= step;
			bucket += (__u32)step;
		}
	}
	return bucket < SECTION_BUCKETS ? bucket : SECTION_BUCKETS - 1;
}

/* The call that goes on stays as long as it is the longest. */
static __always_inline void section_weigh_call(struct section_thread *thread, __u64 time_ns)
{
	__u64 place = thread->begins[SECTION_BEGIN_CALL];
	struct section_segment *segment = section_segment_of(thread, place);

	if (place != SECTION_NO_PLACE && segment->turn == SECTION_HEAD_TURN(place) &&
	    time_ns > thread->call_ns && segment->longest_ns < time_ns - thread->call_ns)
		segment->longest_ns = time_ns - thread->call_ns;
}

/* Returns the segment to fill after the one at that place; when all are full, the least of the
 * others, of equal ones the oldest. */
__noinline __u32 section_segment_after(struct section_thread *thread, __u64 head, __u64 time_ns)
{
	__u32 least = SECTION_SEGMENTS;

	if (!thread)
		return 0;
	if (SECTION_HEAD_TURN(head) < SECTION_SEGMENTS - 1)
		return (__u32)SECTION_HEAD_TURN(head) + 1;
	section_weigh_call(thread, time_ns);
	for (__u32 i = 0; i < SECTION_SEGMENTS; i++) {
		const struct section_segment *segment = &thread->segments[i];
		const struct section_segment *other =
			&thread->segments[least & (SECTION_SEGMENTS - 1)];

		if (i != SECTION_HEAD_SEGMENT(head) &&
		    (least == SECTION_SEGMENTS || segment->longest_ns < other->longest_ns ||
		     (segment->longest_ns == other->longest_ns && segment->turn < other->turn)))
			least = i;
	}
	return least & (SECTION_SEGMENTS - 1);
}

/* Marks the rest of the segment, from that place on, as empty. */
static __always_inline void section_segment_end(struct section_thread *thread, __u64 head)
{
	__u32 key = thread->slot - 1;
	struct section_slot *slot = bpf_map_lookup_elem(&section_slots, &key);
	__u64 padding = section_position(head);

	if (slot &&
	    SECTION_HEAD_USED(head) + sizeof(__u64) <=
		    section_settings.slot_bytes / SECTION_SEGMENTS &&
	    padding <= section_settings.slot_bytes - sizeof(__u64))
		*(__u64 *)(slot->steps + padding) = 0; /* SECTION_STEP_PADDING */
}

static __always_inline void section_segment_dropped(struct section_thread *thread, __u32 steps,
						    __u64 last_ns)
{
	__sync_fetch_and_add(&thread->dropped_steps, steps);
	if (thread->dropped_until_ns < last_ns)
		thread->dropped_until_ns = last_ns;
}

/* Counts the step at that place in its segment. The first one counts what was in the segment before
 * as dropped. This need not be the step that took the first place: an interrupt can come between
 * that and its count, and add steps to the new segment. A CPU that sees the new number must see the
 * place that was taken before: compare-and-swap has an order on arm64, too. */
static __always_inline void section_segment_count(struct section_thread *thread, __u64 place)
{
	struct section_segment *segment = section_segment_of(thread, place);
	__u64 turn = SECTION_HEAD_TURN(place);

	for (int i = 0; i < SECTION_COUNT_TRIES; i++) {
		__u64 last_ns = *(volatile __u64 *)&segment->last_ns;
		__u64 before = *(volatile __u64 *)&segment->filled;
		bool is_begun = before >> 32 == turn;
		__u64 after = is_begun ? before + 1 : turn << 32 | 1;

		if (__sync_val_compare_and_swap(&segment->filled, before, after) != before)
			continue;
		if (!is_begun)
			segment->longest_ns = 0;
		if (!is_begun && turn >= SECTION_SEGMENTS)
			section_segment_dropped(thread, (__u32)before, last_ns);
		return;
	}
	__sync_fetch_and_add(&segment->filled, 1);
}

__noinline __u64 section_reserve(struct section_thread *thread, __u32 bytes, __u64 time_ns)
{
	__u32 segment_bytes = section_settings.slot_bytes / SECTION_SEGMENTS;
	__u64 apart_ns;

	if (!thread)
		return SECTION_NO_PLACE;
	apart_ns = time_ns > thread->step_ns ? time_ns - thread->step_ns : 0;
	for (int i = 0; i < SECTION_RESERVE_TRIES; i++) {
		__u64 head = *(volatile __u64 *)&thread->head;
		__u64 place = head;

		if (SECTION_HEAD_USED(head) + bytes > segment_bytes) {
			section_weigh(thread, apart_ns);
			place = SECTION_HEAD(SECTION_HEAD_TURN(head) + 1,
					     section_segment_after(thread, head, time_ns), 0);
		}
		if (__sync_val_compare_and_swap(&thread->head, head, place + bytes) != head)
			continue;
		if (place != head)
			section_segment_end(thread, head);
		section_segment_count(thread, place);
		section_weigh(thread, apart_ns);
		section_segment_of(thread, place)->last_ns = time_ns;
		thread->step_ns = time_ns;
		return place;
	}
	__sync_fetch_and_add(&thread->dropped_steps, 1);
	return SECTION_NO_PLACE;
}

/* The words of a step: those that are the same in a step that repeats it. */
#define SECTION_WORD_TIME   1
#define SECTION_WORD_NUMBER 2 /* in its upper half; the lower one is the sequence */
#define SECTION_WORD_VALUE  3
#define SECTION_WORD_STACK  5
#define SECTION_WORDS       (sizeof(struct section_step) / 8)
#define SECTION_WORDS_LONGEST                                                                      \
	((sizeof(struct section_step) + SECTION_EXTRA_BYTES + sizeof(__u64)) / 8)
#define SECTION_MIX        0x9e3779b97f4a7c15ull
#define SECTION_HASH_SHIFT 32

static __always_inline __u64 *section_words_at(struct section_slot *slot, __u64 place)
{
	__u64 position = section_position(place);

	/* The compiler must compare what it adds. */
	barrier_var(position);
	if (position > section_settings.slot_bytes)
		return NULL;
	return (__u64 *)(slot->steps + position);
}

static __always_inline __u8 section_words_type(const __u64 *words)
{
	return ((const struct section_step *)words)->step_type;
}

/* That a thread was runnable is part of the duration. */
static __always_inline __u64 section_word_value(const __u64 *words)
{
	return section_words_type(words) == SECTION_STEP_SWITCHED_IN ? 0
								     : words[SECTION_WORD_VALUE];
}

/* Its words, or 0 for a step with copied stacks. */
static __always_inline __u32 section_words_count(const __u64 *words)
{
	__u32 bytes = ((const struct section_step *)words)->size_bytes;

	return bytes <= SECTION_WORDS_LONGEST * 8 ? bytes / 8 : 0;
}

/* Each word has another factor. */
static __always_inline __u64 section_mix(__u64 word, __u32 number)
{
	return word * ((SECTION_MIX << number | SECTION_MIX >> 1 >> (63 - number)) | 1);
}

/* A sum: the products need not wait for each other. All bits of the words are in its upper half. */
static __always_inline __u64 section_words_hash(const __u64 *words)
{
	__u32 count = section_words_count(words);
	__u64 hash = section_mix(words[0], 0);

	hash += section_mix(words[SECTION_WORD_NUMBER] >> 32, SECTION_WORD_NUMBER);
	hash += section_mix(section_word_value(words), SECTION_WORD_VALUE);
	hash += section_mix(words[SECTION_WORD_STACK], SECTION_WORD_STACK);
#pragma unroll
	for (__u32 i = SECTION_WORDS; i < SECTION_WORDS_LONGEST; i++)
		hash += i < count ? section_mix(words[i], i) : 0;
	return hash >> SECTION_HASH_SHIFT;
}

static __always_inline bool section_words_equal(const __u64 *words, const __u64 *others,
						__u32 count)
{
	__u64 different = words[0] ^ others[0];

	different |= (words[SECTION_WORD_NUMBER] ^ others[SECTION_WORD_NUMBER]) >> 32;
	different |= section_word_value(words) ^ section_word_value(others);
	different |= words[SECTION_WORD_STACK] ^ others[SECTION_WORD_STACK];
	for (__u32 i = SECTION_WORDS; i < SECTION_WORDS_LONGEST && i < count; i++)
		different |= words[i] ^ others[i];
	return !different;
}

/* Words from a place back to an earlier one; 0 if that is in another segment, or too far. */
static __always_inline __u64 section_distance(__u64 place, __u64 earlier)
{
	__u64 distance = (SECTION_HEAD_USED(place) - SECTION_HEAD_USED(earlier)) / 8;

	if ((place ^ earlier) >> 24 || earlier >= place || distance > SECTION_REPEAT_DISTANCE_MAX)
		return 0;
	return distance;
}

/* Returns the place of the step that the one at a place repeats; its own if it repeats none. */
static __always_inline __u64 section_repeated_place(struct section_slot *slot, __u64 place)
{
	const __u64 *words = section_words_at(slot, place);

	return words && SECTION_REPEAT_IS(words[0]) ? place - SECTION_REPEAT_DISTANCE(words[0]) * 8
						    : place;
}

/* Returns the word for a step at `start` that repeats the one at a place; 0 if it does not. */
static __always_inline __u64 section_repeat_of(struct section_slot *slot, __u64 place,
					       const __u64 *words, __u64 start, __u64 begin)
{
	__u64 distance = section_distance(start, place);
	__u64 begin_distance = begin == SECTION_NO_BEGIN ? 0 : section_distance(start, begin);
	__u64 *others = distance ? section_words_at(slot, place) : NULL;
	__u64 apart_ns;

	if (!others || words[0] != others[0] || (!begin_distance && begin != SECTION_NO_BEGIN) ||
	    !section_words_equal(words, others, section_words_count(words)))
		return 0;
	apart_ns = words[SECTION_WORD_TIME] - others[SECTION_WORD_TIME];
	if (apart_ns > SECTION_REPEAT_NS_MAX)
		return 0;
	return SECTION_REPEAT(distance, begin_distance, others[SECTION_WORD_NUMBER], apart_ns);
}

/* Looks for a step to repeat where the steps would be the same as before: behind the one that the
 * last step repeated. Returns the word for it, or 0. */
static __always_inline __u64 section_repeat_next(struct section_thread *thread,
						 struct section_slot *slot, const __u64 *words,
						 __u64 start, __u64 begin)
{
	__u64 place = thread->next_repeated, repeated, repeat;

	if (!section_distance(start, place))
		return 0;
	repeated = section_repeated_place(slot, place);
	repeat = section_repeat_of(slot, repeated, words, start, begin);
	if (repeat)
		thread->next_repeated =
			place + (repeated == place ? 8ull * section_words_count(words) : 8);
	return repeat;
}

/* Looks for it in the index, which has two entries for a hash: the newer step is in the first one.
 * If there is none, later steps can repeat this one. */
static __always_inline __u64 section_repeat_search(struct section_thread *thread,
						   struct section_slot *slot, const __u64 *words,
						   __u64 start, __u64 begin)
{
	__u64 *entries = &slot->index[section_words_hash(words) & (SECTION_INDEX_ENTRIES - 2)];

	/* Both ends of the loop have separate conditions. If one holds both, clang 19 makes it
	 * (repeat | i) == 0, which the verifier of Linux 6.1 does not know to be false for 1. */
	for (__u32 i = 0; i < 2; i++) {
		__u64 place = entries[i] - 1;
		__u64 repeat = section_repeat_of(slot, place, words, start, begin);

		if (repeat) {
			thread->next_repeated = place + 8ull * section_words_count(words);
			return repeat;
		}
	}
	entries[1] = entries[0];
	entries[0] = start + 1;
	return 0;
}

__noinline int section_step_fold(struct section_thread *thread, __u64 start, __u64 begin)
{
	struct section_slot *slot;
	__u64 *words, repeat, end;
	__u32 key;

	if (!thread)
		return 0;
	key = thread->slot - 1;
	slot = bpf_map_lookup_elem(&section_slots, &key);
	words = slot ? section_words_at(slot, start) : NULL;
	if (!words || !section_words_count(words))
		return 0;
	end = start + 8ull * section_words_count(words);
	repeat = section_repeat_next(thread, slot, words, start, begin);
	if (!repeat)
		repeat = section_repeat_search(thread, slot, words, start, begin);
	if (repeat && __sync_val_compare_and_swap(&thread->head, end, start + 8) == end)
		words[0] = repeat;
	return 0;
}

/* The name or owner of a thread may have changed since its first section. */
static __always_inline void section_identify(struct section_thread *thread)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if ((__u32)task->pid != thread->identity.tid)
		return;
	thread->identity.uid = task->real_cred->uid.val;
	thread->identity.gid = task->real_cred->gid.val;
	task_comm(thread->identity.comm, task);
	task_comm(thread->identity.process_comm, task->group_leader);
}

/* Has the end of the process noted: its histograms are written and freed then. */
static __always_inline void section_process_note(const struct section_histogram_key *key)
{
	struct section_process_key process = {.process_start_ns = key->process_start_ns,
					      .pid = key->pid};
	__u64 ended_ns = 0;

	bpf_map_update_elem(&section_processes, &process, &ended_ns, BPF_NOEXIST);
}

static __always_inline struct section_histogram *
section_histogram_new(const struct section_histogram_key *key, struct section_thread *thread)
{
	__u64 owner = section_owner_of(&thread->identity);
	struct scratch_slot *slot;
	struct section_histogram *blank;

	if (!section_quota_take(owner, SECTION_RESOURCE_HISTOGRAM, SECTION_HISTOGRAMS_MAX))
		return NULL;
	slot = scratch_acquire();
	if (!slot) {
		section_quota_return(owner, SECTION_RESOURCE_HISTOGRAM);
		return NULL;
	}
	section_identify(thread);
	blank = (struct section_histogram *)slot->bytes;
	section_clear(blank, sizeof(*blank));
	blank->task = thread->identity;
	blank->owner = owner;
	if (bpf_map_update_elem(&duration_histograms, key, blank, BPF_NOEXIST) != 0)
		section_quota_return(owner, SECTION_RESOURCE_HISTOGRAM);
	scratch_release(slot);
	section_process_note(key);
	return bpf_map_lookup_elem(&duration_histograms, key);
}

/* Returns the histogram of a section, a new one if need be; NULL if there is no place for it. The
 * key is not on the stack, of which little is left. */
static __always_inline struct section_histogram *
section_histogram_of(struct section_thread *thread, const struct thread_section *section)
{
	struct scratch_slot *slot = scratch_acquire();
	struct section_histogram *histogram;
	struct section_histogram_key *key;

	if (!slot)
		return NULL;
	key = (struct section_histogram_key *)slot->bytes;
	key->process_start_ns = thread->identity.process_start_ns;
	key->pid = thread->identity.pid;
	key->source = section->source;
	__builtin_memcpy(key->label, section->label, sizeof(key->label));
	histogram = bpf_map_lookup_elem(&duration_histograms, key);
	if (!histogram)
		histogram = section_histogram_new(key, thread);
	scratch_release(slot);
	return histogram;
}

/* How many of the sections in a bucket took longer, if they are spread evenly between the shortest
 * and the longest of them. */
static __always_inline __u64 section_longer_in(const struct section_bucket *bucket,
					       __u64 duration_ns)
{
	__u64 shortest_ns = ~bucket->min_inverted, part;

	if (!bucket->count || duration_ns >= bucket->max_ns)
		return 0;
	if (duration_ns <= shortest_ns)
		return bucket->count;
	part = ((bucket->max_ns - duration_ns) << SECTION_PART_SHIFT) /
	       (bucket->max_ns - shortest_ns);
	return bucket->count * part >> SECTION_PART_SHIFT;
}

/* Whether at most slowest_ppm of the sections before took longer. */
static __noinline int section_is_slow(const struct section_histogram *histogram, __u64 duration_ns)
{
	__u32 own = section_bucket_of(duration_ns);
	__u64 longer, all = 0;

	if (!histogram || own >= SECTION_BUCKETS)
		return true;
	longer = section_longer_in(&histogram->buckets[own], duration_ns);
	for (__u32 i = 0; i < SECTION_BUCKETS; i++) {
		__u64 count = histogram->buckets[i].count;

		all += count;
		longer += i > own ? count : 0;
	}
	return longer * SECTION_PPM <= all * section_settings.slowest_ppm;
}

/* Returns whether the section is kept: only if `kept`, and with slowest_ppm if it is slow. */
static __noinline int section_histogram_add(struct section_thread *thread,
					    const struct thread_section *section, __u64 duration_ns,
					    bool kept)
{
	struct section_histogram *histogram = section_histogram_of(thread, section);
	struct section_bucket *bucket;
	__u32 number;

	if (!histogram) {
		__sync_fetch_and_add(&section_failures.no_histogram, 1);
		return kept;
	}
	if (kept && section_settings.slowest_ppm)
		kept = section_is_slow(histogram, duration_ns);
	number = section_bucket_of(duration_ns);
	if (number >= SECTION_BUCKETS)
		return kept;
	bucket = &histogram->buckets[number];
	__sync_fetch_and_add(&bucket->count, 1);
	__sync_fetch_and_add(&bucket->sum_ns, duration_ns);
	if (kept)
		__sync_fetch_and_add(&bucket->kept, 1);
	section_raise(&bucket->max_ns, duration_ns);
	section_raise(&bucket->min_inverted, ~duration_ns);
	return kept;
}

/* Samples are taken only while a thread is in a section. The first one wakes user space, which
 * enables them. */
static __always_inline void section_thread_opened(void)
{
	void *ring, *nothing;

	if (!section_settings.has_samples)
		return;
	__sync_fetch_and_add(&section_open_threads, 1);
	if (section_sampling != SECTION_SAMPLING_OFF ||
	    __sync_val_compare_and_swap(&section_sampling, SECTION_SAMPLING_OFF,
					SECTION_SAMPLING_ASKED) != SECTION_SAMPLING_OFF)
		return;
	/* If the ring is full, user space is awake. */
	ring = ring_of_cpu(&section_ring);
	nothing = ring ? bpf_ringbuf_reserve(ring, sizeof(__u64), 0) : NULL;
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void section_thread_closed(void)
{
	if (section_settings.has_samples)
		__sync_fetch_and_add(&section_open_threads, -1);
}

/* Sends the slot of an outermost section that has ended, or returns it to the pool. */
static __always_inline void section_slot_release(struct section_thread *thread, __u64 time_ns)
{
	struct event_step_batch *event = NULL;
	__u32 number = thread->slot - 1;
	void *ring = NULL;

	if (!thread->slot)
		return;
	thread->slot = 0;
	if (thread->group_kept) {
		ring = ring_of_cpu(&section_ring);
		event = ring ? bpf_ringbuf_reserve(ring, sizeof(*event), 0) : NULL;
		if (!event)
			loss_add(EVENT_STEP_BATCH, LOSS_RING_FULL);
	}
	if (!event) {
		bpf_map_push_elem(&section_free_slots, &number, 0);
		section_quota_return(thread->slot_owner, SECTION_RESOURCE_SLOT);
		return;
	}
	event->header = (struct event_header){
		.time_ns = time_ns, .cpu = bpf_get_smp_processor_id(), .kind = EVENT_STEP_BATCH};
	event->task = thread->identity;
	event->head = thread->head;
	event->outermost = thread->sections[0].number;
	event->owner = thread->slot_owner;
	event->slot = number;
	event->total = thread->sequence;
	bpf_ringbuf_submit(event, ring_flags(ring, sizeof(*event)));
}

/* Without a slot, all were dropped. */
static __always_inline void section_send_dropped(const struct section_thread *thread,
						 struct event_section *event)
{
	event->dropped_until_ns = thread->dropped_until_ns;
	event->dropped_steps = thread->dropped_steps;
	if (thread->slot || !thread->sequence)
		return;
	event->dropped_until_ns = event->header.time_ns;
	event->dropped_steps = thread->sequence;
}

static __always_inline void thread_section_fill(const struct section_thread *thread,
						struct event_section *event, __u64 stop_ns,
						__u32 end)
{
	__u32 level = section_level(thread);
	const struct thread_section *section = &thread->sections[level];

	event->header = (struct event_header){
		.time_ns = stop_ns, .cpu = bpf_get_smp_processor_id(), .kind = EVENT_SECTION};
	event->task = thread->identity;
	event->start_ns = section->start_ns;
	event->threshold_ns = section->threshold_ns;
	event->number = section->number;
	event->outer = level ? thread->sections[(level - 1) & (SECTION_DEPTH_MAX - 1)].number : 0;
	event->outermost = thread->sections[0].number;
	section_send_dropped(thread, event);
	event->source = section->source;
	event->end = (__u8)end;
	event->row_count = (__u8)thread->row_count;
	event->depth = (__u8)level;
	__builtin_memcpy(event->label, section->label, sizeof(event->label));
	__builtin_memcpy(event->calls, thread->calls, sizeof(event->calls));
}

/* Sends a section with a constant number of rows. Returns false if the ring is full. */
static __always_inline bool thread_section_send(struct section_thread *thread, __u64 stop_ns,
						__u32 end, __u32 rows)
{
	__u64 rows_bytes = rows * sizeof(struct section_row);
	__u64 bytes = sizeof(struct event_section) - sizeof(struct section_account) + rows_bytes;
	struct section_account *account = section_account(thread, section_level(thread));
	void *ring = ring_of_cpu(&section_ring);
	struct event_section *event = ring ? bpf_ringbuf_reserve(ring, bytes, 0) : NULL;

	if (!event)
		return false;
	thread_section_fill(thread, event, stop_ns, end);
	bpf_probe_read_kernel(&event->account, (__u32)rows_bytes, account);
	bpf_ringbuf_submit(event, ring_flags(ring, bytes));
	return true;
}

static __always_inline void thread_section_keep(struct section_thread *thread, __u64 stop_ns,
						__u32 end)
{
	bool sent;

	section_identify(thread);
	if (thread->row_count <= SECTION_ROWS_FEW)
		sent = thread_section_send(thread, stop_ns, end, SECTION_ROWS_FEW);
	else
		sent = thread_section_send(thread, stop_ns, end, SECTION_ROWS);
	if (sent)
		thread->group_kept = 1;
	else
		loss_add(EVENT_SECTION, LOSS_RING_FULL);
}

/* Takes an account for the section at that level, if one is free. */
static __always_inline bool section_account_take(struct section_thread *thread, __u32 level)
{
	__u64 owner = section_owner_of(&thread->identity);
	__u32 number;

	if (!section_quota_take(owner, SECTION_RESOURCE_ACCOUNT, SECTION_ACCOUNTS))
		return false;
	if (bpf_map_pop_elem(&section_free_accounts, &number) != 0) {
		section_quota_return(owner, SECTION_RESOURCE_ACCOUNT);
		return false;
	}
	/* The compiler must not drop the mask, which the verifier of Linux 6.1 needs. */
	barrier_var(level);
	level &= SECTION_DEPTH_MAX - 1;
	thread->sections[level].account = number;
	thread->sections[level].owner = owner;
	return true;
}

static __always_inline void section_account_add(struct section_account *outer,
						const struct section_account *inner)
{
	for (__u32 row = 0; row < SECTION_ROWS; row++) {
		for (__u32 i = 0; i < PHASE_STATE_COUNT; i++) {
			outer->rows[row].ns[i] += inner->rows[row].ns[i];
			outer->rows[row].counts[i] += inner->rows[row].counts[i];
		}
	}
}

/* Adds the account of an inner section to the enclosing one, and clears it. */
static __always_inline void section_account_fold(struct section_thread *thread, __u32 level)
{
	struct section_account *inner = section_account(thread, level);
	struct section_account *outer =
		section_account(thread, (level - 1) & (SECTION_DEPTH_MAX - 1));

	if (level && inner && outer) {
		section_account_add(outer, inner);
		thread->sections[(level - 1) & (SECTION_DEPTH_MAX - 1)].dirty = 1;
	}
	if (inner)
		section_clear(inner, sizeof(*inner));
	thread->sections[level & (SECTION_DEPTH_MAX - 1)].dirty = 0;
}

/* The section at that level has ended. */
static __always_inline void section_account_release(struct section_thread *thread, __u32 level)
{
	struct thread_section *section = &thread->sections[level & (SECTION_DEPTH_MAX - 1)];

	__u32 number = section->account;

	if (section->dirty)
		section_account_fold(thread, level);
	if (!level)
		return;
	bpf_map_push_elem(&section_free_accounts, &number, 0);
	section_quota_return(section->owner, SECTION_RESOURCE_ACCOUNT);
}

static __always_inline void section_charge_until(struct section_thread *thread, __u64 stop_ns)
{
	__u32 level = section_level(thread);
	__u32 row = thread->row & (SECTION_ROWS - 1);
	struct section_account *account = section_account(thread, level);

	thread->sections[level].dirty = 1;
	if (account && stop_ns > thread->charged_ns) {
		account->rows[row].ns[phase_state(thread)] += stop_ns - thread->charged_ns;
		thread->charged_ns = stop_ns;
	}
}

__noinline __u64 section_busy_begin(struct section_thread *thread)
{
	__u64 now_ns = 0;
	__u32 switches;

	if (!thread)
		return 0;
	for (int i = 0; i < SECTION_BUSY_TRIES; i++) {
		switches = *(volatile __u32 *)&thread->switches;
		now_ns = bpf_ktime_get_boot_ns();
		thread->held_out_ns = 0;
		barrier();
		*(volatile __u64 *)&thread->busy = 1;
		barrier();
		if (*(volatile __u32 *)&thread->switches == switches)
			break;
		if (i < SECTION_BUSY_TRIES - 1)
			section_busy_end(thread);
	}
	return now_ns;
}

static __always_inline void section_charge_held(struct section_thread *thread, __u64 held)
{
	__u32 level = section_level(thread);
	struct section_account *account = section_account(thread, level);
	struct section_row *row;

	if (!account)
		return;
	row = &account->rows[thread->row & (SECTION_ROWS - 1)];
	thread->sections[level].dirty = 1;
	row->ns[PHASE_STATE_PREEMPTED] += SECTION_HELD_NS(held);
	row->counts[PHASE_STATE_PREEMPTED] += SECTION_HELD_COUNT(held);
	thread->charged_ns += SECTION_HELD_NS(held);
}

__noinline int section_busy_end(struct section_thread *thread)
{
	__u64 charged = 1;

	if (!thread)
		return 0;
	for (int i = 0; i < SECTION_BUSY_TRIES; i++) {
		__u64 busy = *(volatile __u64 *)&thread->busy;

		if (busy != charged && thread->depth)
			section_charge_held(thread, busy - charged);
		charged = busy;
		barrier();
		if (__sync_val_compare_and_swap(&thread->busy, busy, 0) == busy)
			return 0;
	}
	*(volatile __u64 *)&thread->busy = 0;
	return 0;
}

__noinline int thread_section_end(struct section_thread *thread, __u64 stop_ns, __u32 end)
{
	struct thread_section *section;
	__u32 level;
	bool kept;

	if (!thread)
		return 0;
	level = section_level(thread);
	section = &thread->sections[level];
	/* Time that an interrupt has charged meanwhile is not taken back. */
	if (stop_ns < thread->charged_ns)
		stop_ns = thread->charged_ns;
	kept = stop_ns - section->start_ns >= section->threshold_ns;
	if (end == SECTION_END_RECORDING_ENDED)
		__sync_fetch_and_add(&section_failures.unfinished, 1);
	else if (section->source != SECTION_SOURCE_MEASURED)
		kept = section_histogram_add(thread, section, stop_ns - section->start_ns, kept);
	if (kept || section->dirty)
		section_charge_until(thread, stop_ns);
	if (kept)
		thread_section_keep(thread, stop_ns, end);
	section_account_release(thread, level);
	if (level == 0) {
		section_slot_release(thread, stop_ns);
		section_thread_closed();
	}
	thread->depth = level;
	return 0;
}

/* The thread is busy. Global: inlined, its loop would multiply the branches of the caller. */
__noinline int sections_end_busy(struct section_thread *thread, __u64 stop_ns, __u32 end,
				 __u32 depth)
{
	if (!thread)
		return 0;
	for (__u32 i = 0; i < SECTION_DEPTH_MAX && thread->depth > depth; i++)
		thread_section_end(thread, stop_ns, end);
	return 0;
}

__noinline int sections_end(struct section_thread *thread, __u64 stop_ns, __u32 end, __u32 depth)
{
	if (!thread)
		return 0;
	section_busy_begin(thread);
	sections_end_busy(thread, stop_ns, end, depth);
	section_busy_end(thread);
	return 0;
}

/* Returns 1 + the level of the innermost section with that source and pair; 0: none. Global for the
 * same reason. */
__noinline __u32 section_find(struct section_thread *thread, __u32 source, __u32 pair)
{
	__u32 found = 0;

	if (!thread)
		return 0;
	for (__u32 level = 0; level < SECTION_DEPTH_MAX && level < thread->depth; level++) {
		if (thread->sections[level].source == source &&
		    thread->sections[level].pair == pair)
			found = level + 1;
	}
	return found;
}

__noinline int thread_section_stop(struct section_thread *thread, __u32 source, __u32 pair)
{
	__u64 stop_ns;
	__u32 found;

	if (!thread || section_end_ns)
		return false;
	if (thread->ignored_starts) {
		thread->ignored_starts--;
		return true;
	}
	stop_ns = section_busy_begin(thread);
	found = section_find(thread, source, pair);
	/* The time since the call ended is that of the programs. */
	if (source == SECTION_SOURCE_SYSTEM_CALL)
		stop_ns = thread->charged_ns;
	if (found)
		sections_end_busy(thread, stop_ns, SECTION_END_STOPPED, found - 1);
	section_busy_end(thread);
	if (!found)
		__sync_fetch_and_add(&section_failures.unmatched_stops, 1);
	return found > 0;
}

/* Resets the state of a thread for an outermost section. */
static __always_inline void section_thread_begin(struct section_thread *thread,
						 const struct section_start_place *start,
						 __u64 start_ns)
{
	thread->request = SECTION_REQUEST_NONE;
	thread->ignored_starts = 0;
	thread->group_kept = 0;
	thread->charged_ns = start_ns;
	thread->off = start->off;
	thread->interrupts = 0;
	thread->row = 0;
	thread->row_count = 1;
	thread->calls[0] = SECTION_CALL_NONE;
	__builtin_memset(thread->recent_rows, 0, sizeof(thread->recent_rows));
	if (start->call)
		thread->row = section_row(thread, start->call - 1);
	thread->call_ns = 0;
	thread->fault_ns = 0;
	thread->out_ns = start->off ? start_ns : 0;
	thread->woken_ns = 0;
	thread->head = 0;
	for (__u32 i = 0; i < SECTION_SEGMENTS; i++)
		thread->segments[i] = (struct section_segment){.turn = SECTION_NO_TURN};
	thread->step_ns = start_ns;
	for (__u32 i = 0; i < SECTION_BEGIN_COUNT; i++)
		thread->begins[i] = SECTION_NO_PLACE;
	thread->faults_place = SECTION_NO_PLACE;
	thread->next_repeated = SECTION_NO_PLACE;
	thread->short_waits[false] = thread->short_waits[true] = 0;
	thread->lacks_stack = 0;
	thread->dropped_until_ns = 0;
	thread->dropped_steps = 0;
	thread->sequence = 0;
	thread->slot_failed = 0;
	thread->last_step = 0;
}

/* Whether another section may start there; if not, counts it. The stops of sections inside of one
 * that was ignored come before its own, so these are ignored, too. */
static __always_inline bool section_is_possible(struct section_thread *thread, __u32 level)
{
	if (level && level < SECTION_DEPTH_MAX && !thread->ignored_starts &&
	    section_account_take(thread, level))
		return true;
	if (level == 0)
		return true;
	thread->ignored_starts++;
	if (level >= SECTION_DEPTH_MAX)
		__sync_fetch_and_add(&section_failures.too_deep, 1);
	else
		__sync_fetch_and_add(&section_failures.no_account, 1);
	return false;
}

/* The thread is busy. */
static __always_inline bool section_open(struct section_thread *thread,
					 const struct section_start_place *start, __u64 start_ns)
{
	struct thread_section *section;
	__u32 level = thread->depth;

	if (!section_is_possible(thread, level))
		return false;
	/* As above. */
	barrier_var(level);
	if (level == 0) {
		section_thread_begin(thread, start, start_ns);
	} else {
		if (start_ns < thread->charged_ns)
			start_ns = thread->charged_ns;
		section_charge_until(thread, start_ns);
	}
	section = &thread->sections[level & (SECTION_DEPTH_MAX - 1)];
	section->start_ns = start_ns;
	section->threshold_ns =
		start->threshold_ns ? start->threshold_ns : section_settings.threshold_ns;
	section->number = start->source == SECTION_SOURCE_MEASURED
				  ? 0
				  : __sync_fetch_and_add(&sections_started, 1) + 1;
	section->source = start->source;
	section->pair = start->pair;
	__builtin_memcpy(section->label, start->label, sizeof(section->label));
	thread->depth = level + 1;
	return true;
}

__noinline int thread_section_start(struct section_thread *thread,
				    const struct section_start_place *start)
{
	bool opened, is_outermost;

	if (!thread || !start || section_end_ns)
		return false;
	opened = section_open(thread, start, section_busy_begin(thread));
	is_outermost = thread->depth == 1;
	section_busy_end(thread);
	if (opened && is_outermost)
		section_thread_opened();
	return opened;
}

char LICENSE[] SEC("license") = "GPL";
