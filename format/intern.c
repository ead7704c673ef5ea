/* format/intern.c - numbers distinct byte strings */
#include "format/intern.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/array.h"

/* Chunks grow with the table: a reader has five tables for each of a thousand files, most of them
 * small. */
#define FIRST_CHUNK_BYTES ((size_t)1024)
#define CHUNK_BYTES       ((size_t)65536)
#define FIRST_SLOTS       32u
#define ENTRIES_MAX       0x80000000u
#define RESERVED_MAX      ((size_t)262144)

/* The pages of a large table are not needed one by one: a fault for each of them takes as long as
 * filling it. */
#define HUGE_PAGE         ((size_t)2 << 20)
#define HUGE_CHUNKS_AFTER ((size_t)1 << 20)

struct dz_intern_chunk {
	struct dz_intern_chunk *older;
	size_t used;
	size_t size;
	uint64_t bytes[];
};

void dz_intern_init(struct dz_intern *intern, const struct dz_siphash_key *key)
{
	*intern = (struct dz_intern){.key = *key};
}

/* Returns memory that free() frees, in huge pages if it is a multiple of them. */
static void *allocate(size_t size)
{
	void *memory;

	if (size < HUGE_PAGE || size % HUGE_PAGE != 0)
		return malloc(size);
	memory = aligned_alloc(HUGE_PAGE, size);
	if (memory)
		(void)madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

/* Makes room for this many entries. */
static bool grow_entries(struct dz_intern *intern, size_t count)
{
	size_t before = intern->capacity;
	struct dz_intern_entry *entries = array_grow(intern->entries, &intern->capacity, count,
						     sizeof(*entries), ENTRIES_MAX);

	if (!entries)
		return false;
	intern->entries = entries;
	intern->memory_bytes += (intern->capacity - before) * sizeof(*entries);
	return true;
}

#define SLOT_HASH(slot)   ((uint32_t)((slot) >> 32))
#define SLOT_NUMBER(slot) ((uint32_t)(slot))

static void fill_slot(uint64_t *slots, size_t slot_count, uint64_t slot)
{
	size_t at = SLOT_HASH(slot) & (slot_count - 1);

	while (slots[at])
		at = (at + 1) & (slot_count - 1);
	slots[at] = slot;
}

static bool grow_slots(struct dz_intern *intern, size_t slot_count)
{
	uint64_t *slots = allocate(slot_count * sizeof(*slots));

	if (!slots)
		return false;
	memset(slots, 0, slot_count * sizeof(*slots));
	for (size_t i = 0; i < intern->slot_count; i++)
		if (intern->slots[i])
			fill_slot(slots, slot_count, intern->slots[i]);
	free(intern->slots);
	intern->memory_bytes += (slot_count - intern->slot_count) * sizeof(*slots);
	intern->slots = slots;
	intern->slot_count = slot_count;
	return true;
}

bool dz_intern_reserve(struct dz_intern *intern, uint64_t count)
{
	const size_t reserved = count < RESERVED_MAX ? (size_t)count : RESERVED_MAX;

	return reserved <= intern->count || grow_entries(intern, reserved);
}

static size_t choose_chunk_size(const struct dz_intern *intern)
{
	if (intern->memory_bytes > HUGE_CHUNKS_AFTER)
		return HUGE_PAGE - sizeof(struct dz_intern_chunk);
	if (intern->memory_bytes > CHUNK_BYTES)
		return CHUNK_BYTES;
	return intern->memory_bytes > FIRST_CHUNK_BYTES ? intern->memory_bytes : FIRST_CHUNK_BYTES;
}

/* Returns memory for an entry, aligned to 8 bytes if all sizes are multiples of 8; NULL on
 * allocation failure. */
static uint8_t *take_bytes(struct dz_intern *intern, size_t size)
{
	struct dz_intern_chunk *chunk = intern->chunks;
	uint8_t *taken;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t chunk_size = choose_chunk_size(intern);

		chunk_size = size > chunk_size ? size : chunk_size;
		chunk = allocate(sizeof(*chunk) + chunk_size);
		if (!chunk)
			return NULL;
		chunk->older = intern->chunks;
		chunk->used = 0;
		chunk->size = chunk_size;
		intern->chunks = chunk;
		intern->memory_bytes += sizeof(*chunk) + chunk_size;
	}
	taken = (uint8_t *)chunk->bytes + chunk->used;
	chunk->used += size;
	return taken;
}

void *dz_intern_append(struct dz_intern *intern, size_t size)
{
	uint8_t *memory;

	if (size > UINT32_MAX)
		return NULL;
	if (intern->count == intern->capacity && !grow_entries(intern, (size_t)intern->count + 1))
		return NULL;
	memory = take_bytes(intern, size);
	if (memory)
		intern->entries[intern->count++] =
			(struct dz_intern_entry){.data = memory, .size = (uint32_t)size};
	return memory;
}

static uint32_t find(const struct dz_intern *intern, const void *bytes, size_t size, uint32_t hash)
{
	for (size_t at = hash; intern->slot_count; at++) {
		uint64_t slot = intern->slots[at & (intern->slot_count - 1)];
		const struct dz_intern_entry *entry;

		if (!slot)
			break;
		if (SLOT_HASH(slot) != hash)
			continue;
		entry = &intern->entries[SLOT_NUMBER(slot) - 1];
		if (entry->size == size && (size == 0 || memcmp(entry->data, bytes, size) == 0))
			return SLOT_NUMBER(slot);
	}
	return 0;
}

/* Makes slots for as many entries as there is room for. Returns false on allocation failure. */
static bool reserve_slots(struct dz_intern *intern)
{
	size_t slot_count = FIRST_SLOTS;

	while (slot_count < 2 * intern->capacity)
		slot_count *= 2;
	return slot_count <= intern->slot_count || grow_slots(intern, slot_count);
}

/* Hashes what was appended. Of equal entries, a search finds the first. Returns false on allocation
 * failure. */
static bool hash_appended(struct dz_intern *intern)
{
	if (!reserve_slots(intern))
		return false;
	for (; intern->hashed < intern->count; intern->hashed++) {
		const struct dz_intern_entry *entry = &intern->entries[intern->hashed];
		uint32_t hash = (uint32_t)dz_siphash(&intern->key, entry->data, entry->size);

		if (!find(intern, entry->data, entry->size, hash))
			fill_slot(intern->slots, intern->slot_count,
				  (uint64_t)hash << 32 | (intern->hashed + 1));
	}
	return true;
}

static uint32_t add(struct dz_intern *intern, const void *bytes, size_t size, uint32_t hash)
{
	void *copy = dz_intern_append(intern, size);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, bytes, size);
	if (!reserve_slots(intern)) {
		intern->count--;
		return 0;
	}
	intern->hashed = intern->count;
	fill_slot(intern->slots, intern->slot_count, (uint64_t)hash << 32 | intern->count);
	return intern->count;
}

uint32_t dz_intern_hash(const struct dz_intern *intern, const void *bytes, size_t size)
{
	uint32_t hash = (uint32_t)dz_siphash(&intern->key, bytes, size);

	if (intern->slot_count)
		__builtin_prefetch(&intern->slots[hash & (intern->slot_count - 1)]);
	return hash;
}

uint32_t dz_intern_add_hashed(struct dz_intern *intern, const void *bytes, size_t size,
			      uint32_t hash)
{
	uint32_t number;

	if (intern->hashed < intern->count && !hash_appended(intern))
		return 0;
	number = find(intern, bytes, size, hash);
	return number ? number : add(intern, bytes, size, hash);
}

uint32_t dz_intern_add(struct dz_intern *intern, const void *bytes, size_t size)
{
	if (size > UINT32_MAX)
		return 0;
	return dz_intern_add_hashed(intern, bytes, size,
				    (uint32_t)dz_siphash(&intern->key, bytes, size));
}

uint32_t dz_intern_find(const struct dz_intern *intern, const void *bytes, size_t size)
{
	return find(intern, bytes, size, (uint32_t)dz_siphash(&intern->key, bytes, size));
}

void dz_intern_clear(struct dz_intern *intern)
{
	while (intern->chunks) {
		struct dz_intern_chunk *older = intern->chunks->older;

		free(intern->chunks);
		intern->chunks = older;
	}
	free(intern->entries);
	free(intern->slots);
	dz_intern_init(intern, &intern->key);
}
