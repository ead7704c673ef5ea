/* tests/analyze/fold/test_svg_stacks.c - analyze/fold/svg_stacks.c: untrusted flame graphs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/fold/svg_stacks.h"
#include "text/svg_data_format.h"

#define HEADER(view)                                                                               \
	"<metadata "                                                                               \
	"id=\"picture\">{\"version\":" SVG_DATA_VERSION                                            \
	",\n\"decimals\":0,\n\"weightDecimals\":0,\n\"view\":\"" view                              \
	"\",\n\"root\":\"all\"}</metadata>"
#define NAMES "<metadata id=\"names\">0a&lt;b&gt;\n1c\n0d\n</metadata>"

static bool append(void *context, const struct svg_stack *stack)
{
	FILE *stream = context;

	for (size_t i = 0; i < stack->count; i++)
		fprintf(stream, "%s%s", i ? ";" : "", stack->frames[i].name);
	fprintf(stream, " %d\n", (int)stack->weight);
	return true;
}

static void assert_extracted(const char *text, enum svg_stacks_status status, const char *lines)
{
	char *written = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&written, &size);
	const struct svg_stacks_sink sink = {.context = stream, .stack = append};

	assert_non_null(stream);
	assert_int_equal(svg_stacks_run(text, strlen(text), &sink), status);
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
			 SVG_STACKS_OK, "a<b>;ac 4\na<b>;d;[2 merged frames] 1\na<b>;d 5\n");
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "010"
					       "026"
					       "2302</metadata>",
			 SVG_STACKS_DAMAGED, NULL);
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "010"
					       "026"
					       "230</metadata>",
			 SVG_STACKS_OK, "a<b>;ac 4\na<b>;d 6\n");
}

static void what_was_merged_is_one_frame(void **state)
{
	(void)state;
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "110"
					       "54115</metadata>",
			 SVG_STACKS_DAMAGED, NULL);
	assert_extracted(HEADER("flame") NAMES "<metadata id=\"boxes\">00A"
					       "110"
					       "5414</metadata>",
			 SVG_STACKS_OK, "a<b>;[5 merged frames] 4\na<b> 6\n");
}

static void damage_of_every_kind_is_refused(void **state)
{
	static const char *const bad[] = {
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
		HEADER("flame") NAMES "<metadata id=\"boxes\">000</metadata>"
				      "<metadata id=\"gone\">001</metadata>", /* gone from what? */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_extracted(bad[i], SVG_STACKS_DAMAGED, NULL);
}

static void what_is_no_flame_graph_of_diag_flame_is_told_apart_from_damage(void **state)
{
	static const char *const foreign[] = {
		"",
		"<svg></svg>",
		"<metadata id=\"picture\">{\"total\":2,\n</metadata>" NAMES,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_extracted(foreign[i], SVG_STACKS_FOREIGN, "");
}

static void another_version_is_unknown(void **state)
{
	static const char *const others[] = {
		"<metadata id=\"picture\">{\"version\":1,\n</metadata>" NAMES,
		"<metadata id=\"picture\">{\"version\":3,\n</metadata>" NAMES,
		"<metadata id=\"picture\">{\"version\":22,\n</metadata>" NAMES,
		"<metadata id=\"picture\">{\"version\":",
		"<metadata id=\"picture\">{\"version\":</metadata>",
	};

	(void)state;
	assert_extracted(others[0], SVG_STACKS_VERSION, "");
	assert_extracted(others[1], SVG_STACKS_VERSION, "");
	assert_extracted(others[2], SVG_STACKS_VERSION, "");
	assert_extracted(others[3], SVG_STACKS_FOREIGN, "");
	assert_extracted(others[4], SVG_STACKS_VERSION, "");
	assert_non_null(strstr(svg_stacks_status_text(SVG_STACKS_VERSION), SVG_DATA_VERSION));
}

static void an_svg_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	assert_true(svg_stacks_recognizes("<?xml version", 13));
	assert_true(svg_stacks_recognizes("<svg x", 6));
	assert_false(svg_stacks_recognizes("<svg", 4));
	assert_false(svg_stacks_recognizes("a;b 3\n", 6));
	assert_false(svg_stacks_recognizes("", 0));
}

/* A file of some megabytes must not make the reader ask for gigabytes. */
static void more_levels_than_are_read_are_refused(void **state)
{
	static const char start[] = HEADER("flame") NAMES "<metadata id=\"boxes\">001";
	static const char level[] = "010";
	static const char end[] = "</metadata>";
	const size_t levels = (size_t)1 << 22;
	const struct svg_stacks_sink sink = {.stack = append};
	size_t size = 0;
	char *text = malloc(sizeof(start) + levels * 3 + sizeof(end));

	(void)state;
	assert_non_null(text);
	memcpy(text, start, sizeof(start) - 1);
	size = sizeof(start) - 1;
	for (size_t i = 0; i < levels; i++, size += 3)
		memcpy(text + size, level, 3);
	memcpy(text + size, end, sizeof(end));
	size += sizeof(end) - 1;
	assert_int_equal(svg_stacks_run(text, size, &sink), SVG_STACKS_TOO_LARGE);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_come_back_with_their_names_decoded),
		cmocka_unit_test(what_was_merged_is_one_frame),
		cmocka_unit_test(damage_of_every_kind_is_refused),
		cmocka_unit_test(what_is_no_flame_graph_of_diag_flame_is_told_apart_from_damage),
		cmocka_unit_test(another_version_is_unknown),
		cmocka_unit_test(an_svg_is_known_by_its_first_bytes),
		cmocka_unit_test(more_levels_than_are_read_are_refused),
	};

	return cmocka_run_group_tests_name("analyze/svg_stacks", tests, NULL, NULL);
}
