/* record/stacks/stack_cache.c - which chain belongs to which ticket, and which chains are known
 * already */
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
	size_t tickets; /* that refer to it */
};

struct stack_ticket {
	uint64_t ticket;
	struct known_stack *stack;
	struct stack_ticket *next_in_bucket;
	struct stack_ticket *next; /* list by age */
};

struct stack_book {
	size_t tickets_max;
	size_t tickets;
	size_t chains_bytes_max;
	size_t chains_bytes;
	struct stack_ticket *first_ticket; /* the oldest */
	struct stack_ticket **last_ticket; /* where the next one is linked */
	struct known_stack *newest;
	struct known_stack *oldest;
	struct stack_ticket *tickets_by_number[BUCKETS];
	struct known_stack *stacks_by_contents[BUCKETS];
};

struct stack_book *stack_book_new(size_t tickets_max, size_t chains_bytes_max)
{
	struct stack_book *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->tickets_max = tickets_max;
	book->chains_bytes_max = chains_bytes_max;
	book->last_ticket = &book->first_ticket;
	return book;
}

/* Tickets are counters with the number of a CPU in their upper bits. */
static size_t ticket_bucket(uint64_t ticket)
{
	return (size_t)((ticket ^ ticket >> 40) & (BUCKETS - 1));
}

static struct stack_ticket *find_ticket(const struct stack_book *book, uint64_t ticket)
{
	struct stack_ticket *entry = book->tickets_by_number[ticket_bucket(ticket)];

	while (entry && entry->ticket != ticket)
		entry = entry->next_in_bucket;
	return entry;
}

static struct known_stack **contents_bucket(struct stack_book *book, uint64_t contents_hash)
{
	return &book->stacks_by_contents[contents_hash & (BUCKETS - 1)];
}

static struct known_stack *find_stack(struct stack_book *book, uint64_t contents_hash)
{
	struct known_stack *stack = *contents_bucket(book, contents_hash);

	while (stack && stack->contents_hash != contents_hash)
		stack = stack->next_in_bucket;
	return stack;
}

static void unlink_used(struct stack_book *book, struct known_stack *stack)
{
	*(stack->newer ? &stack->newer->older : &book->newest) = stack->older;
	*(stack->older ? &stack->older->newer : &book->oldest) = stack->newer;
	stack->newer = stack->older = NULL;
}

static void link_newest(struct stack_book *book, struct known_stack *stack)
{
	stack->older = book->newest;
	*(book->newest ? &book->newest->newer : &book->oldest) = stack;
	book->newest = stack;
}

static size_t stack_bytes(const struct known_stack *stack)
{
	return sizeof(*stack) + (stack->chain ? stack->chain->size_bytes : 0);
}

static void forget_stack(struct stack_book *book, struct known_stack *stack)
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
static struct known_stack *forget_oldest_ticket(struct stack_book *book)
{
	struct stack_ticket *entry = book->first_ticket;
	struct known_stack *stack = entry->stack;
	struct stack_ticket **at = &book->tickets_by_number[ticket_bucket(entry->ticket)];

	while (*at != entry)
		at = &(*at)->next_in_bucket;
	*at = entry->next_in_bucket;
	book->first_ticket = entry->next;
	if (!entry->next)
		book->last_ticket = &book->first_ticket;
	book->tickets--;
	stack->tickets--;
	free(entry);
	return stack;
}

void stack_book_free(struct stack_book *book)
{
	if (!book)
		return;
	while (book->first_ticket)
		(void)forget_oldest_ticket(book);
	while (book->oldest)
		forget_stack(book, book->oldest);
	free(book);
}

static bool is_idle(const struct known_stack *stack)
{
	return stack->tickets == 0 && stack->state != STACK_AWAITED;
}

/*
 * A stack that tickets refer to stays as long as they do: as many as there may be hold no more than
 * twice the limit, in practice. The oldest tickets give way first. Stacks that are in use count as
 * just used, so that when thousands are, not all of them are looked at for each one that is added.
 */
static void keep_limits(struct stack_book *book)
{
	struct known_stack *stack, *newer;

	while (book->tickets > book->tickets_max ||
	       (book->chains_bytes > 2 * book->chains_bytes_max && book->first_ticket)) {
		stack = forget_oldest_ticket(book);
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

static struct known_stack *add_stack(struct stack_book *book, uint64_t contents_hash)
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

static bool add_ticket(struct stack_book *book, uint64_t ticket, struct known_stack *stack)
{
	struct stack_ticket **bucket = &book->tickets_by_number[ticket_bucket(ticket)];
	struct stack_ticket *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return false;
	entry->ticket = ticket;
	entry->stack = stack;
	entry->next_in_bucket = *bucket;
	*bucket = entry;
	*book->last_ticket = entry;
	book->last_ticket = &entry->next;
	book->tickets++;
	stack->tickets++;
	return true;
}

/* One that was given up may be tried again. */
bool stack_book_add(struct stack_book *book, uint64_t ticket, uint64_t contents_hash)
{
	struct known_stack *stack = find_stack(book, contents_hash);
	bool is_known = stack && stack->state != STACK_GIVEN_UP;

	if (!stack)
		stack = add_stack(book, contents_hash);
	if (!stack || !add_ticket(book, ticket, stack))
		return false;
	if (!is_known)
		stack->state = STACK_AWAITED;
	unlink_used(book, stack);
	link_newest(book, stack);
	keep_limits(book);
	return is_known;
}

void stack_book_resolve(struct stack_book *book, uint64_t contents_hash, struct chain *chain)
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

enum stack_state stack_book_state(const struct stack_book *book, uint64_t ticket)
{
	const struct stack_ticket *entry = find_ticket(book, ticket);

	return entry ? entry->stack->state : STACK_UNKNOWN;
}

void stack_book_forget_references(struct stack_book *book)
{
	for (struct known_stack *stack = book->oldest; stack; stack = stack->newer)
		stack->reference = 0;
}

uint32_t stack_book_intern(struct stack_book *book, struct dz_writer *writer, uint64_t ticket)
{
	const struct stack_ticket *entry = find_ticket(book, ticket);
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
