/* analyze/trace/duplicates.c - finds events that several files hold */
#include "analyze/trace/duplicates.h"

#include <stdlib.h>
#include <sys/random.h>

#include "format/siphash.h"

/* Counts of a table, beyond which the next one begins. */
#define COUNTS_MAX  1048576u
#define FIRST_SLOTS 1024u

/* No kind has more fields (dz(5), LIMITS). */
#define FIELDS_MAX 256u

/* The place of the file in the key of a count that is not of one file. */
#define ANY_FILE UINT64_MAX

struct slot {
	uint64_t key;
	uint64_t count; /* 0: the slot is free */
};

/* Counts by key; at most half full. */
struct counts {
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t used;
	uint64_t first_ns; /* Unix time of the first event */
};

/* Events are forgotten one table at a time: `before` holds those before `now`. */
struct duplicates {
	struct dz_siphash_key key; /* secret: files cannot choose events with equal keys */
	struct counts now;
	struct counts before;
};

struct duplicates *duplicates_new(void)
{
	struct duplicates *duplicates = calloc(1, sizeof(*duplicates));

	if (!duplicates)
		return NULL;
	if (getrandom(&duplicates->key, sizeof(duplicates->key), 0) !=
	    (ssize_t)sizeof(duplicates->key)) {
		free(duplicates);
		return NULL;
	}
	return duplicates;
}

/* The words that make an event what it is. */
struct words {
	uint64_t words[3 + 3 * FIELDS_MAX];
	size_t count;
};

static void put(struct words *words, uint64_t word)
{
	words->words[words->count++] = word;
}

/* Fields are known by their place, which never changes. A field that is 0 counts as absent: a file
 * can be older than the field. */
static void put_field(struct words *words, const struct duplicates_event *event, uint32_t field)
{
	uint64_t value = event->event->values[field];
	const struct dz_task *task;

	switch ((int)event->event->schema->fields[field].type) {
	case DZ_TYPE_STRING:
	case DZ_TYPE_MODULE:
	case DZ_TYPE_FRAME:
	case DZ_TYPE_STACK:
		break;
	case DZ_TYPE_TASK:
		task = dz_reader_task(event->reader, value);
		put(words, field);
		put(words, task ? task->tid : 0);
		put(words, task ? task->start : 0);
		break;
	default:
		put(words, field);
		put(words, value);
	}
}

static uint64_t digest(const struct duplicates *duplicates, const struct duplicates_event *event)
{
	const struct dz_kind_schema *schema = event->event->schema;
	struct words words;

	words.count = 0;
	put(&words, event->boot);
	put(&words, event->event->kind);
	for (uint32_t i = 0; i < schema->field_count && i < FIELDS_MAX; i++)
		if (event->event->values[i] != 0)
			put_field(&words, event, i);
	return dz_siphash(&duplicates->key, words.words, words.count * sizeof(words.words[0]));
}

static uint64_t key_of(const struct duplicates *duplicates, uint64_t event, uint64_t file)
{
	const uint64_t words[] = {event, file};

	return dz_siphash(&duplicates->key, words, sizeof(words));
}

static struct slot *find(const struct counts *counts, uint64_t key)
{
	size_t at = (size_t)key & (counts->slot_count - 1);

	while (counts->slots[at].count && counts->slots[at].key != key)
		at = (at + 1) & (counts->slot_count - 1);
	return &counts->slots[at];
}

static bool grow(struct counts *counts)
{
	struct counts grown = *counts;

	grown.slot_count = counts->slot_count ? 2 * counts->slot_count : FIRST_SLOTS;
	grown.slots = calloc(grown.slot_count, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (size_t i = 0; i < counts->slot_count; i++)
		if (counts->slots[i].count)
			*find(&grown, counts->slots[i].key) = counts->slots[i];
	free(counts->slots);
	*counts = grown;
	return true;
}

static uint64_t get(const struct duplicates *duplicates, uint64_t key)
{
	uint64_t count = duplicates->now.slots ? find(&duplicates->now, key)->count : 0;

	return count || !duplicates->before.slots ? count : find(&duplicates->before, key)->count;
}

/* Sets a count that is not 0. Returns false on allocation failure. */
static bool set(struct duplicates *duplicates, uint64_t key, uint64_t count)
{
	struct counts *now = &duplicates->now;
	struct slot *slot;

	if (now->used * 2 >= now->slot_count && !grow(now))
		return false;
	slot = find(now, key);
	now->used += slot->count == 0;
	*slot = (struct slot){key, count};
	return true;
}

/* Forgets the older table if the newer one is full or long enough. */
static void move_on(struct duplicates *duplicates, uint64_t unix_ns)
{
	struct counts *now = &duplicates->now;

	if (now->used == 0)
		now->first_ns = unix_ns;
	if (now->used < COUNTS_MAX &&
	    (unix_ns < now->first_ns || unix_ns - now->first_ns < DUPLICATES_WINDOW_NS))
		return;
	free(duplicates->before.slots);
	duplicates->before = *now;
	*now = (struct counts){.first_ns = unix_ns};
}

bool duplicates_note(struct duplicates *duplicates, const struct duplicates_event *event,
		     bool *ret_duplicate)
{
	uint64_t hash = digest(duplicates, event);
	uint64_t of_file = key_of(duplicates, hash, event->file);
	uint64_t of_all = key_of(duplicates, hash, ANY_FILE);
	uint64_t here, shown;

	move_on(duplicates, event->unix_ns);
	here = get(duplicates, of_file) + 1;
	shown = get(duplicates, of_all);
	*ret_duplicate = here <= shown;
	return set(duplicates, of_file, here) &&
	       set(duplicates, of_all, *ret_duplicate ? shown : shown + 1);
}

void duplicates_clear(struct duplicates *duplicates)
{
	free(duplicates->now.slots);
	free(duplicates->before.slots);
	duplicates->now = duplicates->before = (struct counts){0};
}

void duplicates_free(struct duplicates *duplicates)
{
	if (!duplicates)
		return;
	duplicates_clear(duplicates);
	free(duplicates);
}
