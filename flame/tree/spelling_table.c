/* flame/tree/spelling_table.c - frames as inputs spell them, each stored once */
#include "flame/tree/spelling_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/wide.h"
#include "flame/tree/large_array.h"

/* So many that the few thousand names of most inputs are mostly found in the first slot. */
#define FIRST_SLOTS 16384u
#define BLOCK_BYTES ((size_t)256 << 10)
#define COUNT_MAX   (UINT32_C(1) << 30)
#define SECRET_STEP UINT64_C(0x9e3779b97f4a7c15)

struct spelling_slot {
	uint32_t hash;
	uint32_t size; /* of the text: excludes most other spellings without reading them */
	const struct spelling *spelling; /* NULL: free */
};

struct spelling_block {
	struct spelling_block *next;
	size_t used;
	size_t capacity;
	_Alignas(8) char bytes[];
};

enum flame_status spelling_table_open(struct spelling_table *table)
{
	*table = (struct spelling_table){.slot_mask = FIRST_SLOTS - 1};
	table->slots = large_array_new_table(FIRST_SLOTS * sizeof(*table->slots));
	if (!table->slots)
		return FLAME_NO_MEMORY;
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) < 0)
		table->seed = (uint64_t)(uintptr_t)table->slots;
	return FLAME_OK;
}

static void release_slots(struct spelling_table *table)
{
	large_array_free(table->slots, ((size_t)table->slot_mask + 1) * sizeof(*table->slots));
}

void spelling_table_close(struct spelling_table *table)
{
	while (table->blocks) {
		struct spelling_block *next = table->blocks->next;

		free(table->blocks);
		table->blocks = next;
	}
	free(table->found);
	release_slots(table);
	*table = (struct spelling_table){0};
}

static uint64_t fold_product(uint64_t a, uint64_t b)
{
	struct wide product = wide_multiply(a, b);

	return product.low ^ product.high;
}

static uint64_t load_8(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

static uint64_t load_4(const char *text)
{
	uint32_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

struct two_words {
	uint64_t first;
	uint64_t second;
};

/* Loads all bytes of a text of at most 16 bytes into two words, which can overlap. */
static inline struct two_words load_short(const char *text, size_t size)
{
	if (size >= 8)
		return (struct two_words){load_8(text), load_8(text + size - 8)};
	if (size >= 4)
		return (struct two_words){load_4(text), load_4(text + size - 4)};
	if (size == 0)
		return (struct two_words){0};
	return (struct two_words){
		.first = (uint64_t)(uint8_t)text[0] << 16 | (uint64_t)(uint8_t)text[size / 2] << 8 |
			 (uint8_t)text[size - 1],
	};
}

/* Where to load the second and third 16 bytes of a text of 17 to 64 bytes. Together with the first
 * and the last 16 bytes, which can overlap them, these are all bytes of the text. */
struct middle {
	size_t second;
	size_t third;
};

static inline struct middle middle_of(size_t size)
{
	size_t last = size - 16;

	return (struct middle){
		.second = last < 16 ? last : 16,
		.third = last < 32 ? last : 32,
	};
}

static inline uint64_t hash_16(const char *text, uint64_t secret)
{
	return fold_product(secret ^ load_8(text), secret ^ SECRET_STEP ^ load_8(text + 8));
}

static uint64_t hash_long(const char *text, size_t size, uint64_t secret)
{
	uint64_t hash = secret;

	for (; size > 16; size -= 16, text += 16)
		hash = fold_product(hash ^ load_8(text), secret ^ load_8(text + 8));
	return hash ^ hash_16(text + size - 16, secret);
}

/* Most names have 17 to 64 bytes. For these there is no loop, whose end would be mispredicted. */
static inline uint32_t hash_frame(const struct spelling_table *table, const struct frame *frame)
{
	uint64_t secret = table->seed ^ (frame->size * SECRET_STEP) ^ (uint64_t)frame->type;
	const char *text = frame->name;
	size_t size = frame->size;
	uint64_t hash;

	if (size <= 16) {
		struct two_words words = load_short(text, size);

		hash = fold_product(secret ^ words.first, secret ^ SECRET_STEP ^ words.second);
	} else if (size <= 64) {
		struct middle middle = middle_of(size);

		hash = hash_16(text, secret) +
		       hash_16(text + middle.second, secret + 2 * SECRET_STEP) +
		       hash_16(text + middle.third, secret + 4 * SECRET_STEP) +
		       hash_16(text + size - 16, secret + 6 * SECRET_STEP);
	} else {
		hash = hash_long(text, size, secret);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

/* 16 bytes that are compared at once. */
typedef uint64_t two_lanes __attribute__((vector_size(16)));

/* Adds the bits in which 16 bytes differ. */
static inline void differ_16(two_lanes *differ, const char *left, const char *right)
{
	two_lanes a;
	two_lanes b;

	memcpy(&a, left, sizeof(a));
	memcpy(&b, right, sizeof(b));
	*differ |= a ^ b;
}

/* Compares two texts of the same size. Most are equal and some tens of bytes long; for these, this
 * is faster than a call of memcmp(). */
static inline bool is_equal(const char *left, const char *right, size_t size)
{
	two_lanes differ = {0};
	struct middle middle;

	if (size > 64)
		return memcmp(left, right, size) == 0;
	if (size <= 16) {
		struct two_words a = load_short(left, size);
		struct two_words b = load_short(right, size);

		return a.first == b.first && a.second == b.second;
	}
	middle = middle_of(size);
	differ_16(&differ, left, right);
	differ_16(&differ, left + middle.second, right + middle.second);
	differ_16(&differ, left + middle.third, right + middle.third);
	differ_16(&differ, left + size - 16, right + size - 16);
	return (differ[0] | differ[1]) == 0;
}

static inline bool is_spelled(const struct spelling *spelling, const struct frame *frame)
{
	return spelling->size == frame->size && spelling->type == frame->type &&
	       is_equal(spelling->text, frame->name, frame->size);
}

/* Returns the slot of the frame, or the free slot where it belongs. */
static struct spelling_slot *find_slot(const struct spelling_table *table,
				       const struct frame *frame, uint32_t hash)
{
	uint32_t at = hash & table->slot_mask;

	for (;; at = (at + 1) & table->slot_mask) {
		struct spelling_slot *slot = &table->slots[at];

		if (!slot->spelling)
			return slot;
		if (slot->hash == hash && slot->size == frame->size &&
		    is_spelled(slot->spelling, frame))
			return slot;
	}
}

const struct spelling *spelling_table_find(const struct spelling_table *table,
					   const struct frame *frame)
{
	return find_slot(table, frame, hash_frame(table, frame))->spelling;
}

static enum flame_status grow_slots(struct spelling_table *table)
{
	uint32_t count = (table->slot_mask + 1) * 2;
	struct spelling_slot *larger = large_array_new_table(count * sizeof(*larger));

	if (!larger)
		return FLAME_NO_MEMORY;
	for (uint32_t i = 0; i <= table->slot_mask; i++) {
		uint32_t at = table->slots[i].hash & (count - 1);

		if (!table->slots[i].spelling)
			continue;
		while (larger[at].spelling)
			at = (at + 1) & (count - 1);
		larger[at] = table->slots[i];
	}
	release_slots(table);
	table->slots = larger;
	table->slot_mask = count - 1;
	return FLAME_OK;
}

/* Returns `size` bytes that never move, aligned for a spelling; NULL on allocation failure. */
static void *take_bytes(struct spelling_table *table, size_t size)
{
	struct spelling_block *block = table->blocks;
	size_t capacity = BLOCK_BYTES;

	size = (size + 7) & ~(size_t)7;
	if (size > capacity)
		capacity = size;
	if (!block || block->capacity - block->used < size) {
		block = malloc(sizeof(*block) + capacity);
		if (!block)
			return NULL;
		block->next = table->blocks;
		block->used = 0;
		block->capacity = capacity;
		table->blocks = block;
	}
	block->used += size;
	table->bytes += size;
	return block->bytes + block->used - size;
}

enum flame_status spelling_table_add(struct spelling_table *table, const struct frame *frame,
				     uint32_t id, const struct spelling **ret_spelling)
{
	uint32_t hash = hash_frame(table, frame);
	struct spelling *spelling;

	if (table->count >= COUNT_MAX)
		return FLAME_TOO_LARGE;
	if (table->count >= table->slot_mask / 2 && grow_slots(table) != FLAME_OK)
		return FLAME_NO_MEMORY;
	spelling = take_bytes(table, sizeof(*spelling) + frame->size + 1);
	if (!spelling)
		return FLAME_NO_MEMORY;
	*spelling = (struct spelling){
		.id = id,
		.size = (uint32_t)frame->size,
		.type = (uint8_t)frame->type,
	};
	memcpy(spelling->text, frame->name, frame->size);
	spelling->text[frame->size] = '\0';
	*find_slot(table, frame, hash) = (struct spelling_slot){
		.hash = hash,
		.size = spelling->size,
		.spelling = spelling,
	};
	table->count++;
	*ret_spelling = spelling;
	return FLAME_OK;
}

/* Returns how many frames are those of the call before, from the first on. Stacks that come one
 * after the other often share callers. */
static size_t count_same(const struct spelling_table *table, const struct frame *frames,
			 size_t count)
{
	size_t same = 0;

	if (count > table->found_count)
		count = table->found_count;
	while (same < count && table->found[same] && is_spelled(table->found[same], &frames[same]))
		same++;
	return same;
}

static bool reserve_found(struct spelling_table *table, size_t count)
{
	const struct spelling **found = array_grow(table->found, &table->found_capacity, count,
						   sizeof(const struct spelling *), ARRAY_NO_LIMIT);

	if (found)
		table->found = found;
	return found || count == 0;
}

/* Finds the frame where it mostly is, or in the slots behind that. */
static inline const struct spelling *find_hashed(const struct spelling_table *table,
						 const struct frame *frame, uint32_t hash)
{
	const struct spelling_slot *slot = &table->slots[hash & table->slot_mask];

	if (slot->hash == hash && slot->spelling && is_spelled(slot->spelling, frame))
		return slot->spelling;
	return find_slot(table, frame, hash)->spelling;
}

/* Prefetches a spelling, which often reaches into the next line of the cache. NULL is allowed. */
static inline void fetch(const struct spelling *spelling)
{
	static const char nothing[64];
	const char *bytes = spelling ? (const char *)spelling : nothing;

	__builtin_prefetch(bytes);
	__builtin_prefetch(bytes + 56);
}

/* Each loop prefetches for the next one. */
enum flame_status spelling_table_find_all(struct spelling_table *table, const struct frame *frames,
					  size_t count, uint32_t *scratch,
					  const struct spelling_adder *adder)
{
	size_t same = count_same(table, frames, count);

	table->found_count = same;
	if (!reserve_found(table, count))
		return FLAME_NO_MEMORY;
	for (size_t i = same; i < count; i++) {
		scratch[i] = hash_frame(table, &frames[i]);
		__builtin_prefetch(&table->slots[scratch[i] & table->slot_mask]);
	}
	for (size_t i = same; i < count; i++)
		fetch(table->slots[scratch[i] & table->slot_mask].spelling);
	for (size_t i = same; i < count; i++) {
		enum flame_status status = FLAME_OK;

		table->found[i] = find_hashed(table, &frames[i], scratch[i]);
		if (!table->found[i])
			status = adder->add(adder->context, &frames[i], &table->found[i]);
		if (status != FLAME_OK)
			return status;
	}
	table->found_count = count;
	return FLAME_OK;
}
