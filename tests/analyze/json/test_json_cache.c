/* tests/analyze/json/test_json_cache.c - texts are found again, in bounded memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_cache.h"

static const char file_a, file_b;

static void add(struct json_cache *cache, const void *file, uint64_t id, const char *text)
{
	json_cache_add(cache, &(struct json_cache_key){file, id, 1},
		       (struct trace_text){text, strlen(text)});
}

static void assert_found(const struct json_cache *cache, const void *file, uint64_t id,
			 const char *text)
{
	struct trace_text found = json_cache_find(cache, &(struct json_cache_key){file, id, 1});

	assert_non_null(found.bytes);
	assert_int_equal(found.size, strlen(text));
	assert_memory_equal(found.bytes, text, found.size);
}

static void texts_are_those_of_their_key(void **state)
{
	struct json_cache *cache = json_cache_new();

	(void)state;
	assert_null(json_cache_find(cache, &(struct json_cache_key){&file_a, 1, 1}).bytes);
	add(cache, &file_a, 1, "one");
	add(cache, &file_b, 1, "other file");
	add(cache, &file_a, 2, "");
	assert_found(cache, &file_a, 1, "one");
	assert_found(cache, &file_b, 1, "other file");
	assert_found(cache, &file_a, 2, "");
	assert_null(json_cache_find(cache, &(struct json_cache_key){&file_a, 1, 2}).bytes);
	json_cache_free(cache);
}

static void a_full_cache_starts_again(void **state)
{
	struct json_cache *cache = json_cache_new();
	char *large = calloc(1, 10001);

	(void)state;
	memset(large, 'x', 10000);
	for (uint64_t id = 0; id < 3 * JSON_CACHE_TEXTS; id++) {
		char text[24];

		snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
		add(cache, &file_a, id, text);
		assert_found(cache, &file_a, id, text);
	}
	for (uint64_t id = 0; id < 3 * (JSON_CACHE_BYTES / 10000); id++) {
		add(cache, &file_b, id, large);
		assert_found(cache, &file_b, id, large);
	}
	free(large);
	json_cache_free(cache);
}

static void without_memory_nothing_is_kept(void **state)
{
	(void)state;
	add(NULL, &file_a, 1, "one");
	assert_null(json_cache_find(NULL, &(struct json_cache_key){&file_a, 1, 1}).bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_those_of_their_key),
		cmocka_unit_test(a_full_cache_starts_again),
		cmocka_unit_test(without_memory_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
