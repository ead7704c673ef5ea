/* record/stacks/stack_cache.c - the chains of copied user stacks, by copy ID and by contents */
#include "record/stacks/stack_cache.h"

#include <stdlib.h>

#define BUCKETS 4096u /* a power of two */

/* Stacks that are examined for removal each time one is added. */
#define EXAMINED_MAX 16

/* One stack by its contents. */
struct known_stack {
	uint64_t contents_hash;
	enum stack_state state;
	struct chain *chain; /* of KNOWN */
	uint32_t reference;  /* in that generation; 0: not interned yet */
	uint32_t generation;
	struct known_stack *next_in_bucket;
	struct known_stack *newer; /* list by last use */
	struct known_stack *older;
	size_t stack_copy_ids; /* that refer to it */
	bool is_passing;       /* not found by its contents any more */
};

struct stack_copy_id {
	uint64_t stack_copy_id;
	struct known_stack *stack;
	bool is_forgotten;
	struct stack_copy_id *next_in_bucket;
	struct stack_copy_id *next; /* list by age */
};

struct stack_cache {
	size_t copy_ids_max;
	size_t stack_copy_ids;
	size_t chains_bytes_max;
	size_t chains_bytes;
	struct stack_copy_id *first_copy_id; /* the oldest */
	struct stack_copy_id **last_copy_id; /* where the next one is linked */
	struct known_stack *newest;
	struct known_stack *oldest;
	struct stack_copy_id *copy_ids_by_number[BUCKETS];
	struct known_stack *stacks_by_contents[BUCKETS];
};

struct stack_cache *stack_cache_new(size_t copy_ids_max, size_t chains_bytes_max)
{
	struct stack_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->copy_ids_max = copy_ids_max;
	cache->chains_bytes_max = chains_bytes_max;
	cache->last_copy_id = &cache->first_copy_id;
	return cache;
}

size_t stack_cache_bytes(const struct stack_cache *cache)
{
	return cache->chains_bytes;
}

/* Copy IDs are counters with the number of the CPU in their upper bits. */
static size_t copy_id_bucket(uint64_t stack_copy_id)
{
	return (size_t)((stack_copy_id ^ stack_copy_id >> 40) & (BUCKETS - 1));
}

static struct stack_copy_id *find_copy_id(const struct stack_cache *cache, uint64_t stack_copy_id)
{
	struct stack_copy_id *entry = cache->copy_ids_by_number[copy_id_bucket(stack_copy_id)];

	while (entry && (entry->stack_copy_id != stack_copy_id || entry->is_forgotten))
		entry = entry->next_in_bucket;
	return entry;
}

static struct known_stack **contents_bucket(struct stack_cache *cache, uint64_t contents_hash)
{
	return &cache->stacks_by_contents[contents_hash & (BUCKETS - 1)];
}

static struct known_stack *find_stack(struct stack_cache *cache, uint64_t contents_hash)
{
	struct known_stack *stack = *contents_bucket(cache, contents_hash);

	while (stack && (stack->contents_hash != contents_hash || stack->is_passing))
		stack = stack->next_in_bucket;
	return stack;
}

static void unlink_used(struct stack_cache *cache, struct known_stack *stack)
{
	*(stack->newer ? &stack->newer->older : &cache->newest) = stack->older;
	*(stack->older ? &stack->older->newer : &cache->oldest) = stack->newer;
	stack->newer = stack->older = NULL;
}

static void link_newest(struct stack_cache *cache, struct known_stack *stack)
{
	stack->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = stack;
	cache->newest = stack;
}

static size_t stack_bytes(const struct known_stack *stack)
{
	return sizeof(*stack) + (stack->chain ? stack->chain->size_bytes : 0);
}

static void remove_stack(struct stack_cache *cache, struct known_stack *stack)
{
	struct known_stack **at = contents_bucket(cache, stack->contents_hash);

	while (*at != stack)
		at = &(*at)->next_in_bucket;
	*at = stack->next_in_bucket;
	unlink_used(cache, stack);
	cache->chains_bytes -= stack_bytes(stack);
	free(stack->chain);
	free(stack);
}

/* Removes the oldest copy ID, and returns its stack. */
static struct known_stack *remove_oldest_copy_id(struct stack_cache *cache)
{
	struct stack_copy_id *entry = cache->first_copy_id;
	struct known_stack *stack = entry->stack;
	struct stack_copy_id **at =
		&cache->copy_ids_by_number[copy_id_bucket(entry->stack_copy_id)];

	while (*at != entry)
		at = &(*at)->next_in_bucket;
	*at = entry->next_in_bucket;
	cache->first_copy_id = entry->next;
	if (!entry->next)
		cache->last_copy_id = &cache->first_copy_id;
	cache->stack_copy_ids--;
	stack->stack_copy_ids--;
	free(entry);
	return stack;
}

void stack_cache_free(struct stack_cache *cache)
{
	if (!cache)
		return;
	while (cache->first_copy_id)
		(void)remove_oldest_copy_id(cache);
	while (cache->oldest)
		remove_stack(cache, cache->oldest);
	free(cache);
}

static bool is_idle(const struct known_stack *stack)
{
	return stack->stack_copy_ids == 0 && stack->state != STACK_AWAITED;
}

/*
 * A stack stays as long as a copy ID refers to it. Together they can hold up to twice the limit of
 * chains_bytes; beyond it the oldest copy IDs are removed first. Stacks in use move to the newest
 * end of the list, so that not all of them are examined each time.
 *
 * Example: the limit is 3 MiB, and 4 MiB are used. The 16 least recently used stacks are examined.
 * The 10 that no copy ID refers to are removed, unless the limit is reached before. The other 6
 * move to the newest end. The next call examines other stacks.
 */
static void keep_limits(struct stack_cache *cache)
{
	struct known_stack *stack, *newer;

	while (cache->stack_copy_ids > cache->copy_ids_max ||
	       (cache->chains_bytes > 2 * cache->chains_bytes_max && cache->first_copy_id)) {
		stack = remove_oldest_copy_id(cache);
		if (cache->chains_bytes > 2 * cache->chains_bytes_max && is_idle(stack))
			remove_stack(cache, stack);
	}
	stack = cache->oldest;
	for (int examined = 0;
	     examined < EXAMINED_MAX && stack && cache->chains_bytes > cache->chains_bytes_max;
	     examined++, stack = newer) {
		newer = stack->newer;
		if (is_idle(stack)) {
			remove_stack(cache, stack);
		} else {
			unlink_used(cache, stack);
			link_newest(cache, stack);
		}
	}
}

static struct known_stack *add_stack(struct stack_cache *cache, uint64_t contents_hash)
{
	struct known_stack *stack = calloc(1, sizeof(*stack));
	struct known_stack **bucket = contents_bucket(cache, contents_hash);

	if (!stack)
		return NULL;
	stack->contents_hash = contents_hash;
	stack->state = STACK_AWAITED;
	stack->next_in_bucket = *bucket;
	*bucket = stack;
	link_newest(cache, stack);
	cache->chains_bytes += stack_bytes(stack);
	return stack;
}

static bool add_copy_id(struct stack_cache *cache, uint64_t stack_copy_id,
			struct known_stack *stack)
{
	struct stack_copy_id **bucket = &cache->copy_ids_by_number[copy_id_bucket(stack_copy_id)];
	struct stack_copy_id *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return false;
	entry->stack_copy_id = stack_copy_id;
	entry->stack = stack;
	entry->next_in_bucket = *bucket;
	*bucket = entry;
	*cache->last_copy_id = entry;
	cache->last_copy_id = &entry->next;
	cache->stack_copy_ids++;
	stack->stack_copy_ids++;
	return true;
}

/* A dropped stack is tried again. */
bool stack_cache_add(struct stack_cache *cache, uint64_t stack_copy_id, uint64_t contents_hash)
{
	struct known_stack *stack = find_stack(cache, contents_hash);
	bool is_known = stack && stack->state != STACK_DROPPED;

	if (!stack)
		stack = add_stack(cache, contents_hash);
	if (!stack || !add_copy_id(cache, stack_copy_id, stack))
		return false;
	if (!is_known)
		stack->state = STACK_AWAITED;
	unlink_used(cache, stack);
	link_newest(cache, stack);
	keep_limits(cache);
	return is_known;
}

void stack_cache_resolve(struct stack_cache *cache, uint64_t contents_hash, struct chain *chain)
{
	struct known_stack *stack = find_stack(cache, contents_hash);

	if (!stack || stack->state != STACK_AWAITED) {
		free(chain);
		return;
	}
	stack->state = chain ? STACK_KNOWN : STACK_DROPPED;
	stack->chain = chain;
	if (chain)
		cache->chains_bytes += chain->size_bytes;
	stack->is_passing = chain && chain->is_passing;
	keep_limits(cache);
}

void stack_cache_renew(struct stack_cache *cache, uint64_t stack_copy_id)
{
	struct stack_copy_id *entry = find_copy_id(cache, stack_copy_id);

	if (entry && (entry->stack->is_passing || entry->stack->state == STACK_DROPPED))
		entry->is_forgotten = true;
}

enum stack_state stack_cache_state(const struct stack_cache *cache, uint64_t stack_copy_id)
{
	const struct stack_copy_id *entry = find_copy_id(cache, stack_copy_id);

	return entry ? entry->stack->state : STACK_UNKNOWN;
}

void stack_cache_forget_references(struct stack_cache *cache)
{
	for (struct known_stack *stack = cache->oldest; stack; stack = stack->newer)
		stack->reference = 0;
}

uint32_t stack_cache_intern(struct stack_cache *cache, struct dz_writer *writer,
			    uint64_t stack_copy_id)
{
	const struct stack_copy_id *entry = find_copy_id(cache, stack_copy_id);
	struct known_stack *stack;

	if (!entry || entry->stack->state != STACK_KNOWN)
		return 0;
	stack = entry->stack;
	if (stack->reference == 0 || stack->generation != dz_writer_generation(writer)) {
		stack->generation = dz_writer_generation(writer);
		stack->reference = chain_intern(stack->chain, writer);
	}
	return stack->reference;
}

bool stack_cache_is_rust(const struct stack_cache *cache, uint64_t stack_copy_id)
{
	const struct stack_copy_id *entry = find_copy_id(cache, stack_copy_id);

	return entry && entry->stack->state == STACK_KNOWN && entry->stack->chain->is_rust;
}
