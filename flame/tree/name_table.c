/* flame/tree/name_table.c - frame names, each stored once */
#include "flame/tree/name_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/wide.h"
#include "flame/tree/frame_name.h"
#include "flame/tree/frame_type.h"
#include "text/escape.h"

#define FIRST_SLOTS 4096u
#define BLOCK_BYTES ((size_t)256 << 10)
#define COUNT_MAX   (UINT32_C(1) << 30)
#define SECRET_STEP UINT64_C(0x9e3779b97f4a7c15)

static const char empty_name[] = "[empty]";

/* One spelling of a name; its bytes follow. */
struct name_alias {
	uint32_t id;
	uint32_t size;
	uint8_t type; /* as given, also FRAME_TYPE_AUTO */
	char raw[];
};

struct name_slot {
	uint32_t hash;
	uint32_t size; /* of the raw bytes: excludes most other names without reading them */
	const struct name_alias *alias; /* NULL: free */
};

struct name_block {
	struct name_block *next;
	size_t used;
	size_t capacity;
	_Alignas(8) char bytes[];
};

enum flame_status name_table_open(struct name_table *table)
{
	*table = (struct name_table){.slot_mask = FIRST_SLOTS - 1};
	table->slots = calloc(FIRST_SLOTS, sizeof(*table->slots));
	if (!table->slots)
		return FLAME_NO_MEMORY;
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) < 0)
		table->seed = (uint64_t)(uintptr_t)table->slots;
	return FLAME_OK;
}

void name_table_close(struct name_table *table)
{
	while (table->blocks) {
		struct name_block *next = table->blocks->next;

		free(table->blocks);
		table->blocks = next;
	}
	free(table->items);
	free(table->recent);
	free(table->slots);
	*table = (struct name_table){0};
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
static inline uint32_t hash_frame(const struct name_table *table, const struct frame *frame)
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

static inline uint64_t differ_16(const char *left, const char *right)
{
	return (load_8(left) ^ load_8(right)) | (load_8(left + 8) ^ load_8(right + 8));
}

/* Compares two texts of the same size. Most are equal and some tens of bytes long; for these, this
 * is faster than a call of memcmp(). */
static inline bool is_equal(const char *left, const char *right, size_t size)
{
	struct middle middle;

	if (size > 64)
		return memcmp(left, right, size) == 0;
	if (size <= 16) {
		struct two_words a = load_short(left, size);
		struct two_words b = load_short(right, size);

		return a.first == b.first && a.second == b.second;
	}
	middle = middle_of(size);
	return (differ_16(left, right) | differ_16(left + middle.second, right + middle.second) |
		differ_16(left + middle.third, right + middle.third) |
		differ_16(left + size - 16, right + size - 16)) == 0;
}

static inline bool is_named(const struct name_alias *alias, const struct frame *frame)
{
	return alias->size == frame->size && alias->type == frame->type &&
	       is_equal(alias->raw, frame->name, frame->size);
}

/* Returns the slot of the frame, or the free slot where it belongs. */
static struct name_slot *find_slot(const struct name_table *table, const struct frame *frame,
				   uint32_t hash)
{
	uint32_t at = hash & table->slot_mask;

	for (;; at = (at + 1) & table->slot_mask) {
		struct name_slot *slot = &table->slots[at];

		if (!slot->alias)
			return slot;
		if (slot->hash == hash && slot->size == frame->size && is_named(slot->alias, frame))
			return slot;
	}
}

static enum flame_status grow_slots(struct name_table *table)
{
	uint32_t count = (table->slot_mask + 1) * 2;
	struct name_slot *larger = calloc(count, sizeof(*larger));

	if (!larger)
		return FLAME_NO_MEMORY;
	for (uint32_t i = 0; i <= table->slot_mask; i++) {
		uint32_t at = table->slots[i].hash & (count - 1);

		if (!table->slots[i].alias)
			continue;
		while (larger[at].alias)
			at = (at + 1) & (count - 1);
		larger[at] = table->slots[i];
	}
	free(table->slots);
	table->slots = larger;
	table->slot_mask = count - 1;
	return FLAME_OK;
}

static enum flame_status reserve(struct name_table *table)
{
	struct name *items;

	if (table->alias_count >= COUNT_MAX)
		return FLAME_TOO_LARGE;
	items = array_grow(table->items, &table->capacity, (size_t)table->count + 1, sizeof(*items),
			   ARRAY_NO_LIMIT);
	if (!items)
		return FLAME_NO_MEMORY;
	table->items = items;
	if (table->alias_count >= table->slot_mask / 2)
		return grow_slots(table);
	return FLAME_OK;
}

/* Returns `size` bytes that never move, aligned for any struct here; NULL on allocation failure. */
static void *take_bytes(struct name_table *table, size_t size)
{
	struct name_block *block = table->blocks;
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
	return block->bytes + block->used - size;
}

static enum flame_status add_alias(struct name_table *table, const struct frame *frame, uint32_t id,
				   const struct name_alias **ret_alias)
{
	uint32_t hash = hash_frame(table, frame);
	struct name_alias *alias = take_bytes(table, sizeof(*alias) + frame->size + 1);

	if (!alias)
		return FLAME_NO_MEMORY;
	*alias = (struct name_alias){
		.id = id,
		.size = (uint32_t)frame->size,
		.type = (uint8_t)frame->type,
	};
	memcpy(alias->raw, frame->name, frame->size);
	alias->raw[frame->size] = '\0';
	*find_slot(table, frame, hash) = (struct name_slot){
		.hash = hash,
		.size = alias->size,
		.alias = alias,
	};
	table->alias_count++;
	*ret_alias = alias;
	return FLAME_OK;
}

/* Adds a frame whose name is as it is shown, and whose type is not FRAME_TYPE_AUTO. */
static enum flame_status add_name(struct name_table *table, const struct frame *frame,
				  uint32_t *ret_id)
{
	enum flame_status status = reserve(table);
	const struct name_alias *alias;

	if (status == FLAME_OK)
		status = add_alias(table, frame, table->count, &alias);
	if (status != FLAME_OK)
		return status;
	table->items[table->count] = (struct name){
		.text = alias->raw,
		.size = alias->size,
		.type = (uint8_t)frame->type,
	};
	*ret_id = table->count++;
	return FLAME_OK;
}

/* Interns the frame as it is shown, and adds the given bytes as a spelling of it. */
static enum flame_status add_variant(struct name_table *table, const struct frame *frame,
				     const struct frame *shown, uint32_t *ret_id)
{
	enum flame_status status = name_table_intern(table, shown, ret_id);
	const struct name_alias *alias;

	if (status == FLAME_OK)
		status = reserve(table);
	return status == FLAME_OK ? add_alias(table, frame, *ret_id, &alias) : status;
}

static enum flame_status add_escaped(struct name_table *table, const struct frame *frame,
				     uint32_t *ret_id)
{
	size_t capacity = frame->size * ESCAPE_PIECE_MAX + 1;
	char *escaped = malloc(capacity);
	struct frame shown = {.name = escaped, .type = frame->type};
	enum flame_status status;

	if (!escaped)
		return FLAME_NO_MEMORY;
	shown.size = escape_copy(escaped, capacity, ESCAPE_TERMINAL, frame->name, frame->size);
	status = add_variant(table, frame, &shown, ret_id);
	free(escaped);
	return status;
}

/* Interns the name of the source for a name of a symbol. Returns FLAME_EMPTY if they are the same.
 */
static enum flame_status add_cleaned(struct name_table *table, const struct frame *frame,
				     uint32_t *ret_id)
{
	struct frame_name name;
	struct frame shown = {.name = name.text, .type = frame->type};

	if (!frame_name_clean(frame, &name))
		return FLAME_EMPTY;
	shown.size = name.size;
	if (shown.size == frame->size && memcmp(shown.name, frame->name, frame->size) == 0)
		return FLAME_EMPTY;
	/* A descriptor of Java loses its form, which is what says that it is one. */
	if (frame->type == FRAME_TYPE_AUTO && frame->name[0] == 'L')
		shown.type = FRAME_TYPE_JIT;
	return add_variant(table, frame, &shown, ret_id);
}

/* Adds the frame, which has no slot yet. */
static enum flame_status add_frame(struct name_table *table, const struct frame *frame,
				   uint32_t *ret_id)
{
	struct frame shown = *frame;

	if (frame_name_may_change(frame)) {
		enum flame_status status = add_cleaned(table, frame, ret_id);

		if (status != FLAME_EMPTY)
			return status;
	}
	if (frame->size > 0 && !escape_is_clean(ESCAPE_TERMINAL, frame->name, frame->size))
		return add_escaped(table, frame, ret_id);
	if (frame->size > 0 && frame->type != FRAME_TYPE_AUTO)
		return add_name(table, frame, ret_id);
	if (frame->size == 0)
		shown = (struct frame){.name = empty_name, .size = sizeof(empty_name) - 1};
	shown.type = frame->type == FRAME_TYPE_AUTO ? frame_type_of_name(shown.name, shown.size)
						    : frame->type;
	return add_variant(table, frame, &shown, ret_id);
}

static enum flame_status intern_hashed(struct name_table *table, const struct frame *frame,
				       uint32_t hash, const struct name_alias **ret_alias)
{
	uint32_t id;
	enum flame_status status = FLAME_OK;

	*ret_alias = find_slot(table, frame, hash)->alias;
	if (*ret_alias)
		return FLAME_OK;
	status = add_frame(table, frame, &id);
	if (status == FLAME_OK)
		*ret_alias = find_slot(table, frame, hash)->alias;
	return status;
}

enum flame_status name_table_intern(struct name_table *table, const struct frame *frame,
				    uint32_t *ret_id)
{
	const struct name_alias *alias;
	enum flame_status status = intern_hashed(table, frame, hash_frame(table, frame), &alias);

	if (status == FLAME_OK)
		*ret_id = alias->id;
	return status;
}

static bool reserve_recent(struct name_table *table, size_t count)
{
	const struct name_alias **recent =
		array_grow(table->recent, &table->recent_capacity, count,
			   sizeof(const struct name_alias *), ARRAY_NO_LIMIT);

	if (recent)
		table->recent = recent;
	return recent || count == 0;
}

/* Returns how many frames are those of the call before, from the first on. Stacks that come one
 * after the other often share callers. */
static size_t count_same(const struct name_table *table, const struct frame *frames, size_t count,
			 uint32_t *ids)
{
	size_t same = 0;

	if (count > table->recent_count)
		count = table->recent_count;
	for (; same < count && is_named(table->recent[same], &frames[same]); same++)
		ids[same] = table->recent[same]->id;
	return same;
}

/* Each loop prefetches for the next one. Until a name is interned, its hash is in the place of the
 * id. */
enum flame_status name_table_intern_all(struct name_table *table, const struct frame *frames,
					size_t count, uint32_t *ids)
{
	size_t same = count_same(table, frames, count, ids);

	table->recent_count = same;
	if (!reserve_recent(table, count))
		return FLAME_NO_MEMORY;
	for (size_t i = same; i < count; i++) {
		ids[i] = hash_frame(table, &frames[i]);
		__builtin_prefetch(&table->slots[ids[i] & table->slot_mask]);
	}
	for (size_t i = same; i < count; i++) {
		const char *alias = (const char *)table->slots[ids[i] & table->slot_mask].alias;

		if (!alias)
			continue;
		/* A name often reaches into the next line of the cache. */
		__builtin_prefetch(alias);
		__builtin_prefetch(alias + 56);
	}
	for (size_t i = same; i < count; i++) {
		enum flame_status status =
			intern_hashed(table, &frames[i], ids[i], &table->recent[i]);

		if (status != FLAME_OK)
			return status;
		ids[i] = table->recent[i]->id;
	}
	table->recent_count = count;
	return FLAME_OK;
}

void name_table_rescale(struct name_table *table, unsigned decimals)
{
	uint64_t factor = 1;

	for (; table->decimals < decimals; table->decimals++)
		factor *= 10;
	for (uint32_t i = 0; i < table->count; i++)
		for (int side = 0; side < 2; side++) {
			table->items[i].self[side] *= factor;
			table->items[i].total[side] *= factor;
		}
}
