/* tests/flame/test_extract.c - flame/extract.c: pictures of strangers are read with care */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flame/extract.h"

#define HEADER(view)                                                                               \
	"<metadata "                                                                               \
	"id=\"picture\">{\"version\":1,\n\"decimals\":0,\n\"weightDecimals\":0,\n\"view\":\"" view \
	"\",\n\"root\":\"all\"}</metadata>"
#define NAMES "<metadata id=\"names\">0a&lt;b&gt;\n1c\n0d\n</metadata>"

static bool append(void *context, const struct extract_stack *stack)
{
	FILE *stream = context;

	for (size_t i = 0; i < stack->count; i++)
		fprintf(stream, "%s%s", i ? ";" : "", stack->names[i]);
	fprintf(stream, " %d\n", (int)stack->weight);
	return true;
}

static void assert_extracted(const char *text, enum flame_status status, const char *lines)
{
	char *written = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&written, &size);
	const struct extract_sink sink = {.context = stream, .stack = append};

	assert_non_null(stream);
	assert_int_equal(extract_run(text, strlen(text), &sink), status);
	fclose(stream);
	if (lines)
		assert_string_equal(written, lines);
	free(written);
}

static void stacks_come_back_with_their_names_decoded(void **state)
{
	(void)state;
	/* root 10; a<b> 10 with ac 4 below it; then d beside ac, 6 wide, of which 1 is merged */
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "010"
					       "026"
					       "3302111</metadata>",
			 FLAME_OK, "a<b>;ac 4\na<b>;d;[2 merged frames] 1\na<b>;d 5\n");
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "010"
					       "026"
					       "2302</metadata>",
			 FLAME_FORMAT, NULL);
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "010"
					       "026"
					       "230</metadata>",
			 FLAME_OK, "a<b>;ac 4\na<b>;d 6\n");
}

static void what_was_merged_is_one_frame(void **state)
{
	(void)state;
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "110"
					       "54115</metadata>",
			 FLAME_FORMAT, NULL);
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "110"
					       "5414</metadata>",
			 FLAME_OK, "a<b>;[5 merged frames] 4\na<b> 6\n");
}

static void damage_of_every_kind_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"<svg></svg>",
		HEADER("flame"),
		HEADER("flame") NAMES,
		HEADER("flame") "<metadata id=\"names\">5x\n</metadata><metadata "
				"id=\"boxes\">00A</metadata>",
		HEADER("flame") NAMES "<metadata id=\"boxes\">00A040</metadata>", /* no such name */
		HEADER("flame") NAMES
		"<metadata id=\"boxes\">00A01B</metadata>", /* wider than its parent */
		HEADER("flame") NAMES
		"<metadata id=\"boxes\">00A410</metadata>",                     /* above the root */
		HEADER("flame") NAMES "<metadata id=\"boxes\">00A0</metadata>", /* cut off */
		HEADER("flame") NAMES "<metadata id=\"boxes\">00A01</metadata>", /* cut off */
		HEADER("flame") NAMES
		"<metadata id=\"boxes\">10A1500</metadata>", /* profile without steps */
		HEADER("flame") NAMES
		"<metadata id=\"boxes\">01A</metadata>",            /* a root with a name */
		HEADER("flame") NAMES "<metadata id=\"boxes\">00A", /* no end */
		HEADER("diff") NAMES
		"<metadata id=\"boxes\">00A12</metadata>", /* more gone than old */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_extracted(bad[i], FLAME_FORMAT, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_come_back_with_their_names_decoded),
		cmocka_unit_test(what_was_merged_is_one_frame),
		cmocka_unit_test(damage_of_every_kind_is_refused),
	};

	return cmocka_run_group_tests_name("flame/extract", tests, NULL, NULL);
}
