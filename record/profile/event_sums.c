/* record/profile/event_sums.c - reads the events that BPF programs add up in cells */
#include "record/profile/event_sums.h"

#define CHANGE_NS UINT64_C(1000000000)
/* How often a program that runs is waited for, some microseconds long, and when it is again. */
#define QUIET_LOOKS 200
#define AGAIN_NS    UINT64_C(20000000)

uint32_t event_sums_cells_for(uint64_t events_per_second)
{
	uint32_t cells = SUM_CELLS_MIN;

	while (cells < events_per_second && cells < SUM_CELLS_MAX)
		cells *= 2;
	return cells;
}

/* Whether no program uses the older generation. One marks its CPU before it reads the generation:
 * each CPU that has had none since the change has no such program any more. */
static bool is_quiet(struct event_sums *sums)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (; sums->quiet_count < sums->count * sums->cpus; sums->quiet_count++) {
		const struct event_sums_table *table =
			&sums->tables[sums->quiet_count / sums->cpus];

		if (__atomic_load_n(&table->marks[sums->quiet_count % sums->cpus].busy,
				    __ATOMIC_ACQUIRE))
			return false;
	}
	return true;
}

static bool becomes_quiet(struct event_sums *sums)
{
	for (int look = 0; look < QUIET_LOOKS; look++) {
		if (is_quiet(sums))
			return true;
	}
	return false;
}

bool event_sums_turn(struct event_sums *sums, uint64_t now_ns)
{
	if (!sums->generation)
		return false;
	if (!sums->is_changing && now_ns - sums->changed_ns >= CHANGE_NS) {
		*sums->generation += 1;
		sums->changed_ns = now_ns;
		sums->is_changing = true;
		sums->quiet_count = 0;
	}
	return sums->is_changing && becomes_quiet(sums);
}

uint64_t event_sums_wait_ns(const struct event_sums *sums, uint64_t now_ns)
{
	const uint64_t passed_ns = now_ns - sums->changed_ns;

	if (!sums->generation)
		return UINT64_MAX;
	if (sums->is_changing)
		return AGAIN_NS;
	return passed_ns < CHANGE_NS ? CHANGE_NS - passed_ns : 0;
}

static size_t size_of(const struct sum_cell *cell)
{
	const struct event_header *header = (const void *)cell->record;
	const size_t fixed_bytes =
		header->kind == EVENT_CPU ? sizeof(struct event_cpu) : sizeof(struct event_offcpu);
	const size_t size = fixed_bytes + header->ancestor_count * sizeof(struct event_ancestor) +
			    header->kernel_frame_count * sizeof(uint64_t);

	return size <= sizeof(cell->record) ? size : sizeof(cell->record);
}

static bool read_cells(struct sum_cell *cells, size_t count, event_sums_take take, void *context)
{
	for (size_t i = 0; i < count; i++) {
		bool goes_on;

		if (!cells[i].key)
			continue;
		goes_on = take(context, cells[i].record, size_of(&cells[i]));
		__atomic_store_n(&cells[i].key, 0, __ATOMIC_RELEASE);
		if (!goes_on)
			return false;
	}
	return true;
}

static bool read_generation(const struct event_sums *sums, uint64_t generation,
			    event_sums_take take, void *context)
{
	for (size_t i = 0; i < sums->count; i++) {
		const struct event_sums_table *table = &sums->tables[i];
		const size_t count = (size_t)sums->cpus * table->cells_per_cpu;

		if (!read_cells(table->cells + (generation & 1) * count, count, take, context))
			return false;
	}
	return true;
}

bool event_sums_read(struct event_sums *sums, event_sums_take take, void *context)
{
	sums->is_changing = false;
	return read_generation(sums, *sums->generation + 1, take, context);
}

bool event_sums_read_all(struct event_sums *sums, event_sums_take take, void *context)
{
	if (!sums->generation)
		return true;
	return event_sums_read(sums, take, context) &&
	       read_generation(sums, *sums->generation, take, context);
}
