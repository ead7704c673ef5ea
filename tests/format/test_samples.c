/* tests/format/test_samples.c - reads samples/traces/ and checks what the file names promise */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "tests/format/trace_digest.h"

#define DIRECTORY "samples/traces"

static bool is_good(const struct trace_digest *digest)
{
	return digest->open_status == DZ_OK && digest->closed && !digest->damage_count;
}

static bool is_cut(const struct trace_digest *digest)
{
	return digest->open_status == DZ_TRUNCATED ||
	       (digest->open_status == DZ_OK && !digest->closed);
}

static bool is_bad(const struct trace_digest *digest)
{
	return digest->open_status == DZ_OK && digest->damage_count && digest->rows;
}

static bool is_unsupported(const struct trace_digest *digest)
{
	return digest->open_status == DZ_UNSUPPORTED;
}

static bool is_foreign(const struct trace_digest *digest)
{
	return digest->open_status == DZ_FOREIGN;
}

/* Any result, within the limits of time and memory that main() checks. */
static bool is_hostile(const struct trace_digest *digest)
{
	return digest->open_status == DZ_LIMIT || digest->open_status == DZ_OK;
}

static const struct {
	const char *prefix;
	bool (*holds)(const struct trace_digest *);
} classes[] = {
	{"good-", is_good},       {"cut-", is_cut},
	{"bad-", is_bad},         {"unsupported-", is_unsupported},
	{"foreign-", is_foreign}, {"hostile-", is_hostile},
};

static struct trace_digest read_sample(const char *name)
{
	char path[512];
	struct trace_digest digest;
	uint8_t *bytes = malloc(1 << 20);
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(bytes);
	size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	digest = trace_digest_of(bytes, size);
	free(bytes);
	return digest;
}

static bool check_sample(const char *name)
{
	struct trace_digest digest = read_sample(name);

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strncmp(name, classes[i].prefix, strlen(classes[i].prefix)) != 0)
			continue;
		if (!classes[i].holds(&digest))
			fail_msg("%s: status %d, %zu damages, %llu rows, closed %d", name,
				 (int)digest.open_status, digest.damage_count,
				 (unsigned long long)digest.rows, digest.closed);
		return true;
	}
	return false;
}

static void every_sample_is_read_as_its_name_says(void **state)
{
	struct dirent **names;
	int count = scandir(DIRECTORY, &names, NULL, alphasort);
	int checked = 0;

	(void)state;
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		checked += check_sample(names[i]->d_name);
		free(names[i]);
	}
	free(names);
	assert_in_range(checked, 40, 1000);
}

static void a_bomb_is_refused_in_no_time_and_little_memory(void **state)
{
	struct trace_digest digest;
	struct rusage usage;
	clock_t start = clock();

	(void)state;
	digest = read_sample("hostile-bomb.dz");
	assert_int_equal(digest.open_status, DZ_LIMIT);
	assert_true(clock() - start < CLOCKS_PER_SEC / 2);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
#ifndef __SANITIZE_ADDRESS__
	/* Runs after all samples are read. */
	assert_in_range(usage.ru_maxrss, 1, 64 * 1024);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_read_as_its_name_says),
		cmocka_unit_test(a_bomb_is_refused_in_no_time_and_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
