/* record/stacks/stack_cache.c - which chain belongs to which stack_copy_id, and which chains are
 * known already */
#include "record/stacks/stack_cache.h"

#include <stdlib.h>

#define BUCKETS 4096u /* a power of two */

/* Each stack that is added makes room for itself, and for some that could not be forgotten before.
 */
#define LOOKED_AT_MAX 16

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
};

struct stack_copy_id {
	uint64_t stack_copy_id;
	struct known_stack *stack;
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
	struct stack_cache *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->copy_ids_max = copy_ids_max;
	book->chains_bytes_max = chains_bytes_max;
	book->last_copy_id = &book->first_copy_id;
	return book;
}

/* Tickets are counters with the number of a CPU in their upper bits. */
static size_t copy_id_bucket(uint64_t stack_copy_id)
{
	return (size_t)((stack_copy_id ^ stack_copy_id >> 40) & (BUCKETS - 1));
}

static struct stack_copy_id *find_copy_id(const struct stack_cache *book, uint64_t stack_copy_id)
{
	struct stack_copy_id *entry = book->copy_ids_by_number[copy_id_bucket(stack_copy_id)];

	while (entry && entry->stack_copy_id != stack_copy_id)
		entry = entry->next_in_bucket;
	return entry;
}

static struct known_stack **contents_bucket(struct stack_cache *book, uint64_t contents_hash)
{
	return &book->stacks_by_contents[contents_hash & (BUCKETS - 1)];
}

static struct known_stack *find_stack(struct stack_cache *book, uint64_t contents_hash)
{
	struct known_stack *stack = *contents_bucket(book, contents_hash);

	while (stack && stack->contents_hash != contents_hash)
		stack = stack->next_in_bucket;
	return stack;
}

static void unlink_used(struct stack_cache *book, struct known_stack *stack)
{
	*(stack->newer ? &stack->newer->older : &book->newest) = stack->older;
	*(stack->older ? &stack->older->newer : &book->oldest) = stack->newer;
	stack->newer = stack->older = NULL;
}

static void link_newest(struct stack_cache *book, struct known_stack *stack)
{
	stack->older = book->newest;
	*(book->newest ? &book->newest->newer : &book->oldest) = stack;
	book->newest = stack;
}

static size_t stack_bytes(const struct known_stack *stack)
{
	return sizeof(*stack) + (stack->chain ? stack->chain->size_bytes : 0);
}

static void forget_stack(struct stack_cache *book, struct known_stack *stack)
{
	struct known_stack **at = contents_bucket(book, stack->contents_hash);

	while (*at != stack)
		at = &(*at)->next_in_bucket;
	*at = stack->next_in_bucket;
	unlink_used(book, stack);
	book->chains_bytes -= stack_bytes(stack);
	free(stack->chain);
	free(stack);
}

/* The stack that it referred to. */
static struct known_stack *forget_oldest_copy_id(struct stack_cache *book)
{
	struct stack_copy_id *entry = book->first_copy_id;
	struct known_stack *stack = entry->stack;
	struct stack_copy_id **at = &book->copy_ids_by_number[copy_id_bucket(entry->stack_copy_id)];

	while (*at != entry)
		at = &(*at)->next_in_bucket;
	*at = entry->next_in_bucket;
	book->first_copy_id = entry->next;
	if (!entry->next)
		book->last_copy_id = &book->first_copy_id;
	book->stack_copy_ids--;
	stack->stack_copy_ids--;
	free(entry);
	return stack;
}

void stack_cache_free(struct stack_cache *book)
{
	if (!book)
		return;
	while (book->first_copy_id)
		(void)forget_oldest_copy_id(book);
	while (book->oldest)
		forget_stack(book, book->oldest);
	free(book);
}

static bool is_idle(const struct known_stack *stack)
{
	return stack->stack_copy_ids == 0 && stack->state != STACK_AWAITED;
}

/*
 * A stack that stack_copy_ids refer to stays as long as they do: as many as there may be hold no
 * more than twice the limit, in practice. The oldest stack_copy_ids give way first. Stacks that are
 * in use count as just used, so that when thousands are, not all of them are looked at for each one
 * that is added.
 */
static void keep_limits(struct stack_cache *book)
{
	struct known_stack *stack, *newer;

	while (book->stack_copy_ids > book->copy_ids_max ||
	       (book->chains_bytes > 2 * book->chains_bytes_max && book->first_copy_id)) {
		stack = forget_oldest_copy_id(book);
		if (book->chains_bytes > 2 * book->chains_bytes_max && is_idle(stack))
			forget_stack(book, stack);
	}
	stack = book->oldest;
	for (int looked_at = 0;
	     looked_at < LOOKED_AT_MAX && stack && book->chains_bytes > book->chains_bytes_max;
	     looked_at++, stack = newer) {
		newer = stack->newer;
		if (is_idle(stack)) {
			forget_stack(book, stack);
		} else {
			unlink_used(book, stack);
			link_newest(book, stack);
		}
	}
}

static struct known_stack *add_stack(struct stack_cache *book, uint64_t contents_hash)
{
	struct known_stack *stack = calloc(1, sizeof(*stack));
	struct known_stack **bucket = contents_bucket(book, contents_hash);

	if (!stack)
		return NULL;
	stack->contents_hash = contents_hash;
	stack->state = STACK_AWAITED;
	stack->next_in_bucket = *bucket;
	*bucket = stack;
	link_newest(book, stack);
	book->chains_bytes += stack_bytes(stack);
	return stack;
}

static bool add_copy_id(struct stack_cache *book, uint64_t stack_copy_id, struct known_stack *stack)
{
	struct stack_copy_id **bucket = &book->copy_ids_by_number[copy_id_bucket(stack_copy_id)];
	struct stack_copy_id *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return false;
	entry->stack_copy_id = stack_copy_id;
	entry->stack = stack;
	entry->next_in_bucket = *bucket;
	*bucket = entry;
	*book->last_copy_id = entry;
	book->last_copy_id = &entry->next;
	book->stack_copy_ids++;
	stack->stack_copy_ids++;
	return true;
}

/* One that was given up may be tried again. */
bool stack_cache_add(struct stack_cache *book, uint64_t stack_copy_id, uint64_t contents_hash)
{
	struct known_stack *stack = find_stack(book, contents_hash);
	bool is_known = stack && stack->state != STACK_GIVEN_UP;

	if (!stack)
		stack = add_stack(book, contents_hash);
	if (!stack || !add_copy_id(book, stack_copy_id, stack))
		return false;
	if (!is_known)
		stack->state = STACK_AWAITED;
	unlink_used(book, stack);
	link_newest(book, stack);
	keep_limits(book);
	return is_known;
}

void stack_cache_resolve(struct stack_cache *book, uint64_t contents_hash, struct chain *chain)
{
	struct known_stack *stack = find_stack(book, contents_hash);

	if (!stack || stack->state != STACK_AWAITED) {
		free(chain);
		return;
	}
	stack->state = chain ? STACK_KNOWN : STACK_GIVEN_UP;
	stack->chain = chain;
	if (chain)
		book->chains_bytes += chain->size_bytes;
	keep_limits(book);
}

enum stack_state stack_cache_state(const struct stack_cache *book, uint64_t stack_copy_id)
{
	const struct stack_copy_id *entry = find_copy_id(book, stack_copy_id);

	return entry ? entry->stack->state : STACK_UNKNOWN;
}

void stack_cache_forget_references(struct stack_cache *book)
{
	for (struct known_stack *stack = book->oldest; stack; stack = stack->newer)
		stack->reference = 0;
}

uint32_t stack_cache_intern(struct stack_cache *book, struct dz_writer *writer,
			    uint64_t stack_copy_id)
{
	const struct stack_copy_id *entry = find_copy_id(book, stack_copy_id);
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
