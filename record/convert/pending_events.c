/* record/convert/pending_events.c - queue of events that wait for user stacks and command lines */
#include "record/convert/pending_events.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include "record/common/clock.h"

struct waiting {
	uint64_t stack_copy_id;
	uint64_t expected; /* by translator_expect() */
	uint64_t until_ns; /* CLOCK_BOOTTIME */
	size_t size;
	struct waiting *next;
	_Alignas(8) unsigned char record[];
};

struct pending_events {
	const struct user_stacks *stacks;
	struct translator *translator;
	size_t bytes_max;
	size_t bytes;
	struct waiting *first;
	struct waiting **last; /* where the next one is linked */
};

struct pending_events *pending_events_new(const struct user_stacks *stacks,
					  struct translator *translator, size_t bytes_max)
{
	struct pending_events *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	pending->stacks = stacks;
	pending->translator = translator;
	pending->bytes_max = bytes_max;
	pending->last = &pending->first;
	return pending;
}

static struct waiting *take_first(struct pending_events *pending)
{
	struct waiting *waiting = pending->first;

	pending->first = waiting->next;
	if (!waiting->next)
		pending->last = &pending->first;
	pending->bytes -= sizeof(*waiting) + waiting->size;
	return waiting;
}

void pending_events_free(struct pending_events *pending)
{
	if (!pending)
		return;
	while (pending->first)
		free(take_first(pending));
	free(pending);
}

/* Where a record of each kind has the id of its user stack copy; 0 if it has none. NONE of the
 * table becomes the header, which is at 0. */
#define NONE header
#define COPY_ID_PLACE(NAME, name, route, row, loss, stack, scratch)                                \
	[EVENT_##NAME] = {sizeof(struct event_##name), offsetof(struct event_##name, stack)},
static const struct {
	size_t fixed_bytes;
	size_t copy_id_offset;
} copy_id_places[EVENT_KIND_COUNT] = {EVENT_KINDS(COPY_ID_PLACE)};
#undef COPY_ID_PLACE
#undef NONE

static uint64_t copy_id_of(const void *record, size_t size)
{
	const struct event_header *header = record;
	uint64_t stack_copy_id;

	if (size < sizeof(*header) || header->kind >= EVENT_KIND_COUNT ||
	    copy_id_places[header->kind].copy_id_offset == 0 ||
	    size < copy_id_places[header->kind].fixed_bytes)
		return USER_STACK_NONE;
	memcpy(&stack_copy_id, (const char *)record + copy_id_places[header->kind].copy_id_offset,
	       sizeof(stack_copy_id));
	return stack_copy_id;
}

static bool is_ready(const struct pending_events *pending, uint64_t stack_copy_id,
		     uint64_t expected)
{
	return (!pending->stacks || user_stacks_is_ready(pending->stacks, stack_copy_id)) &&
	       translator_is_ready(pending->translator, expected);
}

/* Only the first event is checked: the others stay behind it in any case. */
static bool must_wait(const struct pending_events *pending, const struct waiting *waiting,
		      uint64_t now_ns)
{
	return pending->bytes <= pending->bytes_max && now_ns < waiting->until_ns &&
	       !is_ready(pending, waiting->stack_copy_id, waiting->expected);
}

enum dz_status pending_events_release(struct pending_events *pending, uint64_t now_ns)
{
	enum dz_status status = DZ_OK;

	while (status == DZ_OK && pending->first && !must_wait(pending, pending->first, now_ns)) {
		struct waiting *waiting = take_first(pending);

		status = translator_add(pending->translator, waiting->record, waiting->size);
		free(waiting);
	}
	return status;
}

/* When an event begins to wait. A sum is read some time after its last event. */
static uint64_t begin_ns(const struct event_header *header)
{
	const bool is_sum = header->kind == EVENT_CPU || header->kind == EVENT_OFFCPU;

	return is_sum ? clock_boottime_ns() : header->time_ns;
}

enum dz_status pending_events_add(struct pending_events *pending, const void *record, size_t size)
{
	const struct event_header *header = record;
	const uint64_t expected = translator_expect(pending->translator, record, size);
	uint64_t stack_copy_id = copy_id_of(record, size);
	struct waiting *waiting;

	if (!pending->first && is_ready(pending, stack_copy_id, expected))
		return translator_add(pending->translator, record, size);
	waiting = malloc(sizeof(*waiting) + size);
	if (!waiting)
		return DZ_NO_MEMORY;
	waiting->stack_copy_id = stack_copy_id;
	waiting->expected = expected;
	waiting->until_ns = begin_ns(header) + USER_STACKS_WAIT_NS;
	waiting->size = size;
	waiting->next = NULL;
	memcpy(waiting->record, record, size);
	*pending->last = waiting;
	pending->last = &waiting->next;
	pending->bytes += sizeof(*waiting) + size;
	return pending_events_release(pending, 0);
}

bool pending_events_is_empty(const struct pending_events *pending)
{
	return !pending->first;
}
