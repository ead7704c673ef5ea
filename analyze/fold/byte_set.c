/* analyze/fold/byte_set.c - different strings of bytes, numbered in the order of their first use */
#include "analyze/fold/byte_set.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024u /* a power of two */
#define ALIGNMENT   8u

static uint32_t hash_of(const uint8_t *bytes, size_t size)
{
	uint64_t hash = size;

	for (; size >= sizeof(uint64_t); bytes += sizeof(uint64_t), size -= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 32);
}

/* Twice the slots. At most half of them are in use, so a search ends soon. */
static bool grow_slots(struct byte_set *set)
{
	size_t slot_count = set->slot_count > 0 ? 2 * set->slot_count : FIRST_SLOTS;
	uint32_t *slots = calloc(slot_count, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < set->count; i++) {
		size_t at = set->entries[i].hash & (slot_count - 1);

		while (slots[at] != 0)
			at = (at + 1) & (slot_count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(set->slots);
	set->slots = slots;
	set->slot_count = slot_count;
	return true;
}

static bool is_equal(const struct byte_set *set, const struct byte_set_entry *entry,
		     const struct byte_set_entry *key, const void *bytes)
{
	return entry->hash == key->hash && entry->size == key->size &&
	       (key->size == 0 || memcmp(set->bytes.data + entry->offset, bytes, key->size) == 0);
}

/* Returns the slot with this key, or the free one where it belongs. */
static size_t find_slot(const struct byte_set *set, const struct byte_set_entry *key,
			const void *bytes)
{
	size_t at = key->hash & (set->slot_count - 1);

	while (set->slots[at] != 0 && !is_equal(set, &set->entries[set->slots[at] - 1], key, bytes))
		at = (at + 1) & (set->slot_count - 1);
	return at;
}

static bool copy_bytes(struct byte_set *set, struct byte_set_entry *entry, const void *bytes)
{
	size_t padded = (entry->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	uint8_t *out;

	if (padded == 0)
		return true;
	entry->offset = set->bytes.size;
	out = buffer_extend(&set->bytes, padded);
	if (!out) {
		set->bytes.failed = false;
		return false;
	}
	memset(out + padded - ALIGNMENT, 0, ALIGNMENT);
	memcpy(out, bytes, entry->size);
	return true;
}

bool byte_set_add(struct byte_set *set, const void *bytes, size_t size, uint32_t *ret_number)
{
	struct byte_set_entry key = {0};
	struct byte_set_entry *entries;
	size_t slot;

	if (size > UINT32_MAX || set->count >= UINT32_MAX / 2)
		return false;
	key.size = (uint32_t)size;
	key.hash = hash_of(bytes, size);
	if (2 * set->count >= set->slot_count && !grow_slots(set))
		return false;
	slot = find_slot(set, &key, bytes);
	if (set->slots[slot] == 0) {
		entries = array_grow(set->entries, &set->capacity, set->count + 1, sizeof(*entries),
				     ARRAY_NO_LIMIT);
		if (!entries)
			return false;
		set->entries = entries;
		if (!copy_bytes(set, &key, bytes))
			return false;
		entries[set->count++] = key;
		set->slots[slot] = (uint32_t)set->count;
	}
	*ret_number = set->slots[slot] - 1;
	return true;
}

const void *byte_set_get(const struct byte_set *set, uint32_t number, size_t *ret_size)
{
	const struct byte_set_entry *entry = &set->entries[number];

	*ret_size = entry->size;
	return entry->size > 0 ? set->bytes.data + entry->offset : NULL;
}

void byte_set_release(struct byte_set *set)
{
	buffer_release(&set->bytes);
	free(set->entries);
	free(set->slots);
	*set = (struct byte_set){0};
}
