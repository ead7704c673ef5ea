/* record/attach/losses.c - lost events, from the kernel's counters to the file */
#include "record/attach/losses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"

#define LOSSES_CPU_ANY      UINT64_MAX /* -1 */
#define LOSSES_PROGRAMS_MAX 64
#define LOSSES_QUIET_NS     UINT64_C(10000000000)

#define LOSS_KIND(NAME, name, route, row, loss, stack, scratch) [EVENT_##NAME] = (loss),
static const char *const loss_kinds[EVENT_KIND_COUNT] = {EVENT_KINDS(LOSS_KIND)};
#undef LOSS_KIND

static const char *const loss_reasons[LOSS_REASON_COUNT] = {
	[LOSS_RING_FULL] = "ring full",
	[LOSS_NO_SCRATCH] = "too many programs nested",
	[LOSS_NOT_FOLLOWED] = "too many processes to follow",
	[LOSS_LIMITED] = "too many copies of stacks",
	[LOSS_UNSEEN] = "a switch or wake-up was not seen",
	[LOSS_USER_SHARE] = "ring full for one user",
};

struct losses {
	struct programs *programs;
	size_t cpu_count;
	uint64_t *seen;       /* counts that were already reported, by kind, reason and CPU */
	struct loss *per_cpu; /* counters of one kind and reason, by CPU */
	uint64_t seen_misses[LOSSES_PROGRAMS_MAX];
	uint64_t stacks; /* see losses_set_user_stacks() */
	uint64_t seen_stacks;
	uint64_t collected_ns;
	bool must_read; /* the counters, whether one is new or not */
	uint64_t total;
	struct full_ring {
		uint64_t count;
		uint64_t full_ns;
		uint64_t first_ns; /* of this collection; 0: nothing was lost */
		uint64_t last_ns;
	} full[LOSSES_RINGS_MAX];
};

struct losses *losses_new(struct programs *programs)
{
	struct losses *losses = calloc(1, sizeof(*losses));
	int cpu_count = libbpf_num_possible_cpus();

	if (!losses || cpu_count <= 0) {
		free(losses);
		return NULL;
	}
	losses->programs = programs;
	losses->cpu_count = (size_t)cpu_count;
	losses->seen = calloc((size_t)EVENT_KIND_COUNT * LOSS_REASON_COUNT * losses->cpu_count,
			      sizeof(losses->seen[0]));
	losses->per_cpu = calloc(losses->cpu_count, sizeof(losses->per_cpu[0]));
	losses->collected_ns = clock_boottime_ns();
	if (!losses->seen || !losses->per_cpu) {
		losses_free(losses);
		return NULL;
	}
	return losses;
}

/* The numbers of a record of kind lost. */
struct loss_row {
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t cpu;
	uint64_t count;
};

static bool losses_add(struct losses *losses, struct recording *recording, const char *kind,
		       const char *reason, const struct loss_row *values)
{
	const struct dz_lost row = {
		.time = values->first_ns,
		.last = values->last_ns,
		.kind = dz_writer_text(recording->writer, kind),
		.reason = dz_writer_text(recording->writer, reason),
		.cpu = values->cpu,
		.count = values->count,
	};

	losses->total += values->count;
	recording_note_loss(recording, kind, values->count);
	return dz_writer_add(recording->writer, DZ_KIND_LOST, &row) == DZ_OK;
}

/* Notes a loss because a ring is full. */
static void losses_note_full(struct losses *losses, enum event_kind kind,
			     const struct loss_row *row)
{
	const int index = programs_ring_of_kind(losses->programs, kind);
	struct full_ring *ring;

	if (index < 0 || index >= LOSSES_RINGS_MAX)
		return;
	ring = &losses->full[index];
	ring->count += row->count;
	if (!ring->first_ns || row->first_ns < ring->first_ns)
		ring->first_ns = row->first_ns;
	if (row->last_ns > ring->last_ns)
		ring->last_ns = row->last_ns;
}

/* Adds up the time in which rings were full, at the end of a collection. */
static void losses_end_full(struct losses *losses)
{
	for (size_t i = 0; i < LOSSES_RINGS_MAX; i++) {
		struct full_ring *ring = &losses->full[i];

		ring->full_ns += ring->last_ns - ring->first_ns;
		ring->first_ns = ring->last_ns = 0;
	}
}

bool losses_of_ring(const struct losses *losses, size_t index, struct loss_of_ring *ret_loss)
{
	struct programs_ring ring;

	for (size_t i = 0; i < LOSSES_RINGS_MAX; i++) {
		if (losses->full[i].count == 0 || index-- > 0 ||
		    !programs_ring(losses->programs, i, &ring))
			continue;
		*ret_loss = (struct loss_of_ring){
			.name = ring.name,
			.ring_bytes = ring.bytes,
			.buffer_bytes = ring.buffer_bytes,
			.larger_bytes = ring.larger_bytes,
			.count = losses->full[i].count,
			.full_ns = losses->full[i].full_ns,
		};
		return true;
	}
	return false;
}

static bool losses_collect_key(struct losses *losses, struct recording *recording, uint32_t key)
{
	uint64_t *seen = &losses->seen[key * losses->cpu_count];
	bool added = true;

	if (bpf_map_lookup_elem(programs_loss_fd(losses->programs), &key, losses->per_cpu) != 0)
		return true;
	for (size_t cpu = 0; cpu < losses->cpu_count && added; cpu++) {
		const struct loss *loss = &losses->per_cpu[cpu];
		const struct loss_row row = {
			.first_ns = loss->first_ns,
			.last_ns = loss->last_ns,
			.cpu = cpu,
			.count = loss->count - seen[cpu],
		};

		if (row.count == 0)
			continue;
		seen[cpu] = loss->count;
		if (key % LOSS_REASON_COUNT == LOSS_RING_FULL ||
		    key % LOSS_REASON_COUNT == LOSS_USER_SHARE)
			losses_note_full(losses, (enum event_kind)(key / LOSS_REASON_COUNT), &row);
		added = losses_add(losses, recording, loss_kinds[key / LOSS_REASON_COUNT],
				   loss_reasons[key % LOSS_REASON_COUNT], &row);
	}
	return added;
}

/* The kernel counts these without time or CPU. */
static bool losses_collect_misses(struct losses *losses, struct recording *recording)
{
	struct loss_row row = {.first_ns = losses->collected_ns, .cpu = LOSSES_CPU_ANY};
	struct programs_misses misses;
	bool added = true;

	losses->collected_ns = row.last_ns = clock_boottime_ns();
	for (size_t i = 0;
	     i < LOSSES_PROGRAMS_MAX && added && programs_misses(losses->programs, i, &misses);
	     i++) {
		row.count = misses.count - losses->seen_misses[i];
		losses->seen_misses[i] = misses.count;
		if (row.count)
			added = losses_add(losses, recording, loss_kinds[misses.kind],
					   misses.reason, &row);
	}
	row.count = losses->stacks - losses->seen_stacks;
	losses->seen_stacks = losses->stacks;
	if (row.count && added)
		added = losses_add(losses, recording, loss_kinds[EVENT_USER_STACK],
				   "changes of mappings were lost", &row);
	return added;
}

uint64_t losses_due_ns(const struct losses *losses)
{
	return programs_has_new_loss(losses->programs) ? 0 : losses->collected_ns + LOSSES_QUIET_NS;
}

/* The counters of the BPF programs. There are some hundred, so they are read only if one has grown:
 * a program sets the flag after it has counted, and here it is cleared before they are read. */
static bool losses_collect_counters(struct losses *losses, struct recording *recording)
{
	bool added = true;

	if (!losses->must_read && !programs_has_new_loss(losses->programs))
		return true;
	losses->must_read = false;
	programs_clear_new_loss(losses->programs);
	for (uint32_t key = 0; key < (uint32_t)EVENT_KIND_COUNT * LOSS_REASON_COUNT && added; key++)
		added = losses_collect_key(losses, recording, key);
	losses_end_full(losses);
	programs_begin_loss_epoch(losses->programs);
	return added;
}

bool losses_collect(struct losses *losses, struct recording *recording, struct problem *ret_problem)
{
	if (!losses_collect_counters(losses, recording) ||
	    !losses_collect_misses(losses, recording))
		return recording_problem(recording, DZ_NO_MEMORY, ret_problem);
	return true;
}

void losses_read_all(struct losses *losses)
{
	losses->must_read = true;
}

void losses_set_user_stacks(struct losses *losses, uint64_t count)
{
	losses->stacks = count;
}

uint64_t losses_total(const struct losses *losses)
{
	return losses->total;
}

void losses_free(struct losses *losses)
{
	if (!losses)
		return;
	free(losses->seen);
	free(losses->per_cpu);
	free(losses);
}
