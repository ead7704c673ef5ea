/* flame/svg/search_terms.c - exact results of likely searches, over drawn and merged stacks */
#include "flame/svg/search_terms.h"

#include <stdlib.h>
#include <string.h>

/* Letters of a term. A longer term mostly has the same set as one of this length. */
#define PART_MIN    3u
#define PART_MAX    8u
#define PARTS_FIRST UINT32_C(4096)      /* slots */
#define PARTS_LIMIT (UINT32_C(1) << 21) /* slots; further parts are not counted */
#define LEVELS_MAX  4096u               /* of a path */
#define SET_WORDS   (SEARCH_TERMS_MAX / 64)
#define NO_CLASS    UINT32_MAX
/* Runs between the one that is weighed and the one whose names are prefetched. */
#define PREFETCH_AHEAD 16u

/* A set of terms: bit i of the set is bit i % 64 of word i / 64. A vector, so that operations take
 * several words at a time. */
typedef uint64_t term_set __attribute__((vector_size(SET_WORDS * sizeof(uint64_t))));

/* A part of names, and the names that contain it. */
struct part {
	uint64_t hash; /* of its letters; 0: free */
	uint64_t weight;
	uint32_t key[2];
	uint32_t names;
	uint32_t last_name; /* id + 1 of the name counted last, so that each counts once */
	uint32_t class;     /* index of the term that it became, or NO_CLASS */
};

struct index {
	const struct tree *tree;
	const uint32_t *ranks;
	struct part *parts;
	uint32_t mask;
	uint32_t count;
	term_set *sets; /* by name: the terms that it contains */
};

uint32_t search_terms_hash(uint32_t rank, unsigned lane)
{
	uint32_t hash = rank * UINT32_C(0x9e3779b1) + (lane ? UINT32_C(0x7f4a7c15) : 0);

	hash = (hash ^ hash >> 15) * UINT32_C(0x85ebca6b);
	hash = (hash ^ hash >> 13) * UINT32_C(0xc2b2ae35);
	return hash ^ hash >> 16;
}

/* Returns empty sets, which the caller must free; NULL on allocation failure. */
static term_set *new_sets(size_t count)
{
	term_set *sets = aligned_alloc(sizeof(*sets), count * sizeof(*sets));

	if (sets)
		memset(sets, 0, count * sizeof(*sets));
	return sets;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct part *find_part(const struct index *index, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32) & index->mask;

	while (index->parts[at].hash != 0 && index->parts[at].hash != hash)
		at = (at + 1) & index->mask;
	return &index->parts[at];
}

/* Doubles the slots. A table for the largest number of parts would mostly be empty: to touch all
 * of its pages takes longer than to count. */
static bool grow_parts(struct index *index)
{
	struct part *old = index->parts;
	uint32_t slots = index->mask + 1;
	struct part *larger = calloc((size_t)slots * 2, sizeof(*larger));

	if (!larger)
		return false;
	index->parts = larger;
	index->mask = slots * 2 - 1;
	for (uint32_t i = 0; i < slots; i++)
		if (old[i].hash != 0)
			*find_part(index, old[i].hash) = old[i];
	free(old);
	return true;
}

/* Returns the part with this hash, which can be new; NULL if there is no room for it. */
static struct part *add_part(struct index *index, uint64_t hash)
{
	struct part *part = find_part(index, hash);

	if (part->hash != 0)
		return part;
	if (index->count >= index->mask / 4 * 3) {
		if (index->mask >= PARTS_LIMIT - 1 || !grow_parts(index))
			return NULL;
		part = find_part(index, hash);
	}
	*part = (struct part){.hash = hash, .class = NO_CLASS};
	index->count++;
	return part;
}

static void count_part(struct index *index, uint32_t name, uint64_t hash)
{
	struct part *part = add_part(index, hash);
	uint32_t rank = index->ranks[name];

	if (!part || part->last_name == name + 1)
		return;
	part->last_name = name + 1;
	part->names++;
	part->key[0] += search_terms_hash(rank, 0);
	part->key[1] += search_terms_hash(rank, 1);
	if (__builtin_add_overflow(part->weight, index->tree->table->items[name].total[SIDE_NEW],
				   &part->weight))
		part->weight = UINT64_MAX;
}

static void mark_part(struct index *index, uint32_t name, uint64_t hash)
{
	const struct part *part = find_part(index, hash);

	if (part->hash != 0 && part->class != NO_CLASS)
		index->sets[name][part->class / 64] |= UINT64_C(1) << part->class % 64;
}

/* Calls visit() with the hash of every part of the name. */
static void visit_parts(struct index *index, uint32_t name,
			void (*visit)(struct index *, uint32_t, uint64_t))
{
	const char *text = index->tree->table->items[name].text;

	for (; *text; text++) {
		uint64_t hash = UINT64_C(0xcbf29ce484222325);

		for (unsigned length = 1; length <= PART_MAX && is_letter(text[length - 1]);
		     length++) {
			hash = (hash ^ (uint8_t)text[length - 1]) * UINT64_C(0x100000001b3);
			if (length >= PART_MIN)
				visit(index, name, hash);
		}
	}
}

static int compare_weights(const void *left_pointer, const void *right_pointer, void *context)
{
	const struct part *parts = context;
	const struct part *left = &parts[*(const uint32_t *)left_pointer];
	const struct part *right = &parts[*(const uint32_t *)right_pointer];

	if (left->weight != right->weight)
		return left->weight < right->weight ? 1 : -1;
	if (left->key[0] != right->key[0])
		return left->key[0] < right->key[0] ? -1 : 1;
	return (left->hash > right->hash) - (left->hash < right->hash);
}

static bool is_same_set(const struct search_term *term, const struct part *part)
{
	return term->key[0] == part->key[0] && term->key[1] == part->key[1] &&
	       term->names == part->names;
}

/* Equal sets have equal weights and keys: they are neighbours in the sorted list. */
static void choose(struct search_terms *terms, struct index *index, uint32_t *list, uint32_t count)
{
	struct search_term *last = NULL;

	qsort_r(list, count, sizeof(*list), compare_weights, index->parts);
	for (uint32_t i = 0; i < count && terms->count < SEARCH_TERMS_MAX; i++) {
		struct part *part = &index->parts[list[i]];

		if (!last || !is_same_set(last, part)) {
			last = &terms->items[terms->count++];
			last->key[0] = part->key[0];
			last->key[1] = part->key[1];
			last->names = part->names;
		}
		part->class = terms->count - 1;
	}
}

static bool choose_terms(struct search_terms *terms, struct index *index)
{
	uint32_t *list = calloc((size_t)index->count + 1, sizeof(*list));
	uint32_t count = 0;

	if (!list || !terms->items) {
		free(list);
		return false;
	}
	for (uint32_t i = 0; i <= index->mask; i++)
		if (index->parts[i].names > 1)
			list[count++] = i;
	choose(terms, index, list, count);
	free(list);
	return true;
}

/* The terms on the path to the last node of each run, by its level. */
struct trail {
	term_set *sets;
	uint32_t levels;
};

/* Adds the weight of the run to the terms that its names have and no ancestor has: all nodes of a
 * run have one weight. Returns false if the path is too long. */
static bool weigh_run(struct search_terms *terms, const struct index *index, struct trail *trail,
		      const struct tree_run *run)
{
	const uint32_t *names = index->tree->names + run->first;
	const term_set above = trail->sets[run->level - 1];
	term_set all = above;
	term_set fresh;

	if (run->level + (uint64_t)run->length > trail->levels)
		return false;
	for (uint32_t i = 0; i < run->length; i++)
		all |= index->sets[names[i]];
	fresh = all & ~above;
	trail->sets[run->level + run->length - 1] = all;
	for (unsigned i = 0; i < SET_WORDS; i++)
		for (uint64_t left = fresh[i]; left; left &= left - 1)
			terms->items[i * 64 + (unsigned)__builtin_ctzll(left)].weight +=
				run->weight;
	return true;
}

/* In preorder, the trail has the terms of the ancestors at the level in front of each run. */
static bool weigh(struct search_terms *terms, const struct index *index)
{
	const struct tree *tree = index->tree;
	struct trail trail = {.levels = LEVELS_MAX};
	bool done = true;

	trail.sets = new_sets(LEVELS_MAX);
	if (!trail.sets)
		return false;
	for (uint32_t run = 1; run < tree->run_count && done; run++) {
		if (run + PREFETCH_AHEAD < tree->run_count)
			__builtin_prefetch(tree->names + tree->runs[run + PREFETCH_AHEAD].first);
		done = weigh_run(terms, index, &trail, &tree->runs[run]);
	}
	free(trail.sets);
	/* Without exact weights, the script estimates from the sample. */
	if (!done)
		terms->count = 0;
	return true;
}

static bool allocate(struct search_terms *terms, struct index *index)
{
	uint32_t names = index->tree->table->count;

	index->mask = PARTS_FIRST - 1;
	index->parts = calloc(PARTS_FIRST, sizeof(*index->parts));
	index->sets = new_sets((size_t)names + 1);
	terms->items = calloc(SEARCH_TERMS_MAX, sizeof(*terms->items));
	return index->parts && index->sets && terms->items;
}

enum flame_status search_terms_open(struct search_terms *terms, const struct tree *tree,
				    const uint32_t *ranks)
{
	struct index index = {.tree = tree, .ranks = ranks};
	bool done;

	*terms = (struct search_terms){0};
	done = allocate(terms, &index);
	for (uint32_t name = 0; name < tree->table->count && done; name++)
		if (ranks[name])
			visit_parts(&index, name, count_part);
	done = done && choose_terms(terms, &index);
	for (uint32_t name = 0; name < tree->table->count && done; name++)
		if (ranks[name])
			visit_parts(&index, name, mark_part);
	done = done && weigh(terms, &index);
	free(index.parts);
	free(index.sets);
	if (!done)
		search_terms_close(terms);
	return done ? FLAME_OK : FLAME_NO_MEMORY;
}

void search_terms_close(struct search_terms *terms)
{
	free(terms->items);
	*terms = (struct search_terms){0};
}
