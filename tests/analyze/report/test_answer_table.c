/* tests/analyze/report/test_answer_table.c - analyze/report/answer_table.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/report/answer_table.h"

#define KINDS_MAX  40u
#define DEATHS_MAX 300u
#define CLASSES    4u
#define CAUSES     3u

static size_t released;

static void release(void *item)
{
	free(item);
	released++;
}

static struct answer_key key_of(const char *text)
{
	return (struct answer_key){text, strlen(text)};
}

static enum answer_added add(struct answer_table *table, const char *key, uint32_t class,
			     uint64_t first_ns)
{
	const struct answer_rank rank = {.class = class, .first_ns = first_ns};
	struct answer_entry *entry;
	enum answer_added added = answer_table_add(table, key_of(key), rank, &entry);

	if (added == ANSWER_NEW)
		entry->item = strdup(key);
	return added;
}

static void equal_keys_are_one_kind(void **state)
{
	struct answer_table *table = answer_table_new(4, release);

	(void)state;
	assert_int_equal(add(table, "a", 1, 10), ANSWER_NEW);
	assert_int_equal(add(table, "a", 1, 11), ANSWER_COUNTED);
	assert_int_equal(add(table, "", 1, 12), ANSWER_NEW);
	assert_int_equal(add(table, "aa", 1, 13), ANSWER_NEW);
	assert_int_equal(answer_table_at(table, 0)->count, 2);
	assert_string_equal(answer_table_at(table, 0)->item, "a");
	assert_string_equal(answer_table_at(table, 1)->item, "");
	assert_null(answer_table_at(table, 3));
	answer_table_free(table);
}

static void a_worse_kind_displaces_the_last_one(void **state)
{
	struct answer_table *table = answer_table_new(2, release);

	(void)state;
	released = 0;
	assert_int_equal(add(table, "failed", 3, 1), ANSWER_NEW);
	assert_int_equal(add(table, "killed", 2, 2), ANSWER_NEW);
	assert_int_equal(add(table, "failed later", 3, 3), ANSWER_OUTSIDE);
	assert_int_equal(add(table, "crashed", 1, 4), ANSWER_NEW);
	assert_int_equal(released, 1);
	assert_string_equal(answer_table_at(table, 0)->item, "crashed");
	assert_string_equal(answer_table_at(table, 1)->item, "killed");
	assert_int_equal(add(table, "failed", 3, 5), ANSWER_OUTSIDE);
	assert_int_equal(answer_table_place(table, answer_table_at(table, 1)), 1);
	answer_table_free(table);
	assert_int_equal(released, 3);
}

/* A kind of the model, which keeps everything. */
struct model_kind {
	struct answer_rank rank;
	uint64_t count;
};

struct model {
	struct model_kind kinds[KINDS_MAX];
	size_t kinds_used;
	size_t capacity;
	size_t deaths;
};

static uint32_t random_below(uint32_t limit)
{
	return (uint32_t)random() % limit;
}

static uint64_t number_of(const struct answer_entry *entry)
{
	return *(const uint32_t *)entry->item;
}

static bool ranks_before(const struct answer_rank *a, const struct answer_rank *b)
{
	if (a->class != b->class)
		return a->class < b->class;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return a->first_ns < b->first_ns;
}

/* Returns the place of a kind in the order of all kinds that have occurred. */
static size_t place_in_model(const struct model *model, const struct model_kind *kind)
{
	size_t place = 0;

	for (size_t i = 0; i < KINDS_MAX; i++)
		if (model->kinds[i].count > 0 && &model->kinds[i] != kind)
			place += ranks_before(&model->kinds[i].rank, &kind->rank);
	return place;
}

/* The table holds the best kinds of the model in order, each with the count of the model. */
static void compare(const struct answer_table *table, const struct model *model)
{
	const struct answer_entry *entry;
	uint64_t kept = 0;
	size_t count = 0;

	for (; (entry = answer_table_at(table, count)); count++) {
		const struct model_kind *kind = &model->kinds[number_of(entry)];

		assert_int_equal(place_in_model(model, kind), count);
		assert_int_equal(entry->count, kind->count);
		kept += entry->count;
	}
	assert_true(count <= model->capacity);
	assert_true(count == model->capacity || kept == model->deaths);
}

/* Adds a death of a random kind. A kind always has the same class and cause. */
static void add_random(struct answer_table *table, struct model *model, uint64_t *outside)
{
	uint32_t number = random_below(KINDS_MAX);
	struct model_kind *kind = &model->kinds[number];
	struct answer_rank rank = {
		.class = number % CLASSES,
		.kind = number / CLASSES % CAUSES,
		.first_ns = 1000 + model->deaths,
	};
	struct answer_entry *entry;
	enum answer_added added;

	model->deaths++;
	if (kind->count++ == 0)
		kind->rank = rank;
	added = answer_table_add(table, (struct answer_key){&number, sizeof(number)}, rank, &entry);
	*outside += added == ANSWER_OUTSIDE;
	if (added != ANSWER_NEW)
		return;
	entry->item = malloc(sizeof(number));
	assert_non_null(entry->item);
	memcpy(entry->item, &number, sizeof(number));
}

/* Thousands of random sequences: after each death the kept kinds are the best ones of all so far,
 * with the exact counts. So no death is ever displaced by one that ranks after it. */
static void the_kept_kinds_are_always_the_best_ones(void **state)
{
	(void)state;
	for (unsigned int run = 0; run < 1000; run++) {
		struct model model = {.capacity = 1 + run % 12};
		struct answer_table *table = answer_table_new(model.capacity, release);
		uint64_t outside = 0;

		srandom(run);
		for (size_t i = 0; i < 1 + random_below(DEATHS_MAX); i++) {
			add_random(table, &model, &outside);
			compare(table, &model);
		}
		answer_table_free(table);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_keys_are_one_kind),
		cmocka_unit_test(a_worse_kind_displaces_the_last_one),
		cmocka_unit_test(the_kept_kinds_are_always_the_best_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
