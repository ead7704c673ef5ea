/* tests/symbols/test_unwind_oldest.c - symbols/unwind_oldest.c, with gaps in the stacks of deaths
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/unwind.h"
#include "tests/symbols/death.h"

#define OLDEST_BYTES 8192u
#define GAP_BYTES    1536u

/* A death whose process still exists, and its whole call stack. */
struct scene {
	struct module_cache *cache;
	struct death *death;
	struct unwind_result whole;
	size_t used_bytes;  /* of the copy: up to the outermost frame */
	size_t with_oldest; /* gaps behind which the oldest frames were found */
	size_t wrong;
};

static void unwind_with(struct scene *scene, size_t newest_bytes, size_t oldest_bytes,
			struct unwind_result *ret_result)
{
	struct stack_copy copy = scene->death->copy;
	struct unwind_input input = {
		.layout = registers_native(),
		.registers = scene->death->registers,
		.stack = copy,
		.mappings = &scene->death->mappings,
	};

	if (newest_bytes < copy.size_bytes) {
		size_t from = scene->used_bytes - oldest_bytes;

		input.stack.size_bytes = newest_bytes;
		input.stack.whole = false;
		input.others[0].copy = (struct stack_copy){
			.address = copy.address + from,
			.bytes = copy.bytes + from,
			.size_bytes = oldest_bytes,
		};
	}
	unwind(scene->cache, &input, ret_result);
}

/* Whether the oldest frames are the last ones of the whole call stack, and the others its first. */
static bool is_part_of(const struct unwind_result *result, const struct unwind_result *whole)
{
	size_t last = whole->count - result->oldest_count;

	if (result->count > whole->count || result->oldest_count > whole->count)
		return false;
	for (size_t i = 0; i < result->count; i++)
		if (result->frames[i].pc != whole->frames[i].pc)
			return false;
	for (size_t i = 0; i < result->oldest_count; i++)
		if (result->frames[result->count + i].pc != whole->frames[last + i].pc)
			return false;
	return true;
}

static void try_gap(struct scene *scene, size_t newest_bytes, size_t oldest_bytes)
{
	static struct unwind_result result;

	unwind_with(scene, newest_bytes, oldest_bytes, &result);
	scene->with_oldest += result.oldest_count > 0;
	if (!is_part_of(&result, &scene->whole)) {
		scene->wrong++;
		print_message("%zu and %zu bytes: %zu frames, %zu oldest\n", newest_bytes,
			      oldest_bytes, result.count, result.oldest_count);
	}
}

/* Above the frames are the arguments and the environment. */
static void find_used_bytes(struct scene *scene)
{
	const struct stack_copy *copy = &scene->death->copy;
	uint64_t outermost = scene->whole.frames[scene->whole.count - 1].pc;

	for (size_t at = 0; at + sizeof(outermost) <= copy->size_bytes; at += sizeof(outermost))
		if (memcmp(copy->bytes + at, &outermost, sizeof(outermost)) == 0)
			scene->used_bytes = at + sizeof(outermost);
}

static void try_all_gaps(void *context, struct death *death)
{
	struct scene *scene = context;

	scene->death = death;
	unwind_with(scene, death->copy.size_bytes, 0, &scene->whole);
	if (scene->whole.end != UNWIND_END_COMPLETE)
		return;
	find_used_bytes(scene);
	for (size_t oldest = 8; oldest <= OLDEST_BYTES && oldest < scene->used_bytes; oldest += 72)
		try_gap(scene, 64, oldest);
	for (size_t newest = 0; newest + OLDEST_BYTES < scene->used_bytes; newest += 712)
		try_gap(scene, newest, OLDEST_BYTES);
}

static struct scene *die(const char *program, const char *way,
			 void (*at_death)(void *scene, struct death *death))
{
	static const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
	};
	struct scene *scene = calloc(1, sizeof(*scene));
	struct death *death = calloc(1, sizeof(*death));
	char path[512];
	char *argv[] = {path, strdup(way), NULL};

	assert_non_null(scene);
	snprintf(path, sizeof(path), "%s/%s", DEATH_DIRECTORY, program);
	assert_int_equal(module_cache_new(&options, &scene->cache), SYMBOLS_OK);
	assert_true(death_watch(argv, DEATH_STACK_MAX_BYTES, at_death, scene, death));
	free(argv[1]);
	death_release(death);
	free(death);
	module_cache_free(scene->cache);
	return scene;
}

static void test_behind_any_gap_are_the_last_frames_or_none(void **state)
{
	static const char *const programs[] = {
		"death-nofp-symbols-dynamic",
		"death-fp-symbols-static",
		"death-fp-stripped-dynamic",
	};
	static const char *const ways[] = {"abort",   "exit-handler", "callback",
					   "aligned", "handler",      "deep"};

	(void)state;
	for (size_t program = 0; program < 3; program++) {
		for (size_t way = 0; way < 6; way++) {
			struct scene *scene = die(programs[program], ways[way], try_all_gaps);

			if (scene->wrong > 0 || scene->with_oldest == 0)
				print_message("%s %s: %zu wrong, %zu with oldest frames\n",
					      programs[program], ways[way], scene->wrong,
					      scene->with_oldest);
			assert_int_equal(scene->wrong, 0);
			assert_true(scene->with_oldest > 0);
			free(scene);
		}
	}
}

static void keep_gap(void *context, struct death *death)
{
	struct scene *scene = context;

	scene->death = death;
	scene->used_bytes = death->copy.size_bytes;
	unwind_with(scene, 1024, death->copy.size_bytes - 1024 - GAP_BYTES, &scene->whole);
}

static void test_the_gap_has_its_size(void **state)
{
	struct scene *scene = die("death-nofp-symbols-dynamic", "deep", keep_gap);
	struct unwind_result *result = &scene->whole;

	(void)state;
	assert_int_equal(result->end, UNWIND_END_TRUNCATED);
	assert_true(result->oldest_count > 10);
	assert_true(result->oldest_count <= UNWIND_OLDEST_MAX);
	assert_int_equal(result->gap_bytes, GAP_BYTES);
	free(scene);
}

/* 600 frames: more than a call stack has in a file. */
static void test_of_too_many_frames_the_first_and_the_last_stay(void **state)
{
	struct scene *scene = die("death-nofp-symbols-dynamic", "deeper", keep_gap);
	struct unwind_result *result = &scene->whole;

	(void)state;
	assert_true(result->count + result->oldest_count < UNWIND_FRAMES_MAX);
	assert_true(result->oldest_count > 10);
	free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behind_any_gap_are_the_last_frames_or_none),
		cmocka_unit_test(test_the_gap_has_its_size),
		cmocka_unit_test(test_of_too_many_frames_the_first_and_the_last_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
