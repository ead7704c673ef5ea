/* tests/bench/flame_generate.c - folded stacks for measuring: many, deep, distinct, always the same
 *
 * flame_generate STACKS [SEED]: depth 20 to 39, about 41 bytes a frame, counts with a long tail.
 * Each stack begins like one of the earlier ones and then goes its own way, so that a stack adds
 * about eight new paths.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COUNT 3802u
#define NAME_BYTES 96u
#define DEPTH_MIN  20u
#define DEPTH_SPAN 20u
#define TAIL_SPAN  15u
#define POOL_COUNT 4096u

static const char *const scopes[] = {
	"std",   "boost::asio::detail", "osd",    "bluestore::kv", "rocksdb", "folly::futures",
	"mysql", "innodb::buffer",      "grpc",   "absl::base",    "net",     "envoy::http::conn",
	"v8",    "blink::layout",       "leveldb"};
static const char *const subjects[] = {
	"Queue",     "Thread", "Page",   "Worker",  "Session", "Buffer",  "Transaction", "Index",
	"Allocator", "Cursor", "Socket", "Request", "Journal", "Handler", "Scheduler"};
static const char *const verbs[] = {
	"process_next", "alloc_slab",    "handle_request", "lookup_entry", "flush_dirty",
	"try_lock_for", "do_allocate",   "submit_batch",   "read_payload", "compare_keys",
	"write_back",   "release_alloc", "wait_until",     "copy_range",   "insert_sorted"};

struct random {
	uint64_t state;
};

static uint64_t random_next(struct random *random)
{
	uint64_t value = random->state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static uint32_t random_below(struct random *random, uint32_t limit)
{
	return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

static const char *pick(struct random *random, const char *const *list, size_t count)
{
	return list[random_below(random, (uint32_t)count)];
}

#define PICK(random, list) pick(random, list, sizeof(list) / sizeof((list)[0]))

static void make_names(struct random *random, char names[NAME_COUNT][NAME_BYTES])
{
	for (uint32_t i = 0; i < NAME_COUNT; i++)
		snprintf(names[i], NAME_BYTES, "%s::%s%" PRIu32 "::%s_%" PRIx32,
			 PICK(random, scopes), PICK(random, subjects), i % 97, PICK(random, verbs),
			 i);
}

struct stack {
	uint32_t depth;
	uint16_t names[DEPTH_MIN + DEPTH_SPAN];
};

/* Callees of a function are few: the next name depends on the one before. */
static uint16_t choose_name(struct random *random, uint32_t depth, uint32_t previous)
{
	uint32_t choice = random_below(random, 24);

	return (uint16_t)((previous * UINT64_C(2654435761) + depth * UINT64_C(40503) +
			   choice * UINT64_C(97)) %
			  NAME_COUNT);
}

static void derive_stack(struct random *random, const struct stack *model, struct stack *stack)
{
	uint32_t tail = 1 + random_below(random, TAIL_SPAN);
	uint32_t kept;

	stack->depth = DEPTH_MIN + random_below(random, DEPTH_SPAN);
	kept = stack->depth - tail;
	if (kept > model->depth)
		kept = model->depth;
	memcpy(stack->names, model->names, kept * sizeof(*stack->names));
	for (uint32_t i = kept; i < stack->depth; i++)
		stack->names[i] = choose_name(random, i, i > 0 ? stack->names[i - 1] : 0);
}

static uint64_t choose_weight(struct random *random)
{
	double uniform = ((double)(random_next(random) >> 11) + 1) / 9007199254740993.0;
	double weight = pow(uniform, -1 / 1.2);

	return weight > 1e9 ? 1000000000 : (uint64_t)weight;
}

static void print_stack(struct random *random, const struct stack *stack,
			char names[NAME_COUNT][NAME_BYTES])
{
	for (uint32_t i = 0; i < stack->depth; i++) {
		if (i > 0)
			putchar_unlocked(';');
		fputs(names[stack->names[i]], stdout);
	}
	printf(" %" PRIu64 "\n", choose_weight(random));
}

int main(int argc, char **argv)
{
	static char names[NAME_COUNT][NAME_BYTES];
	static struct stack pool[POOL_COUNT];
	struct random random = {.state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
	uint64_t stacks;

	if (argc < 2 || (stacks = strtoull(argv[1], NULL, 10)) == 0) {
		fputs("usage: flame_generate STACKS [SEED]\n", stderr);
		return 2;
	}
	make_names(&random, names);
	for (uint64_t i = 0; i < stacks; i++) {
		uint32_t known = i < POOL_COUNT ? (uint32_t)i + 1 : POOL_COUNT;
		struct stack stack;

		derive_stack(&random, &pool[random_below(&random, known)], &stack);
		print_stack(&random, &stack, names);
		pool[i % POOL_COUNT] = stack;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
