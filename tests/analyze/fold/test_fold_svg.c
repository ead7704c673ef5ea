/* tests/analyze/fold/test_fold_svg.c - analyze/fold/fold_svg.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyze/fold/fold_svg.h"

#define PICTURE(decimals, view, names, boxes)                                                      \
	"<svg >\n<metadata id=\"picture\">{\"version\":2,\n\"weightDecimals\":" decimals           \
	",\n\"view\":\"" view "\"}</metadata><metadata id=\"names\">" names                        \
	"</metadata><metadata id=\"boxes\">" boxes "</metadata>"

static int make_file(const char *text)
{
	int fd = memfd_create("picture", MFD_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void assert_folded(const char *picture, const char *reason, const char *lines)
{
	int fd = make_file(picture);
	char *written = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&written, &size);
	const char *result;

	assert_non_null(stream);
	result = fold_svg(fd, false, stream);
	fclose(stream);
	close(fd);
	assert_string_equal(written, lines);
	if (reason)
		assert_string_equal(result, reason);
	else
		assert_null(result);
	free(written);
}

static void a_name_stays_one_frame_and_no_comment(void **state)
{
	(void)state;
	assert_folded(PICTURE("0", "flame", "0# a;b\n", "005010"), NULL, "\\x23 a\\x3bb 5\n");
	assert_folded(PICTURE("0", "flame", "0x\n0#\n", "005010020"), NULL, "x;# 5\n");
}

static void decimals_are_written_as_far_as_they_say_something(void **state)
{
	(void)state;
	/* 160 = W5 in letters, 1 and 50 */
	assert_folded(PICTURE("1", "flame", "0x\n", "00W5010"), NULL, "x 16\n");
	assert_folded(PICTURE("2", "flame", "0x\n", "00W5010"), NULL, "x 1.6\n");
	assert_folded(PICTURE("9", "flame", "0x\n", "00W5010"), NULL, "x 0.00000016\n");
}

static void a_difference_has_the_old_count_first(void **state)
{
	(void)state;
	/* The root: 5 wide, 7 before, none of it gone; x takes all of both. */
	assert_folded(PICTURE("0", "diff", "0x\n", "0057001070"), NULL, "x 7 5\n");
}

static void nothing_is_written_of_a_damaged_picture(void **state)
{
	(void)state;
	/* The first frame is good, the second one has no name. */
	assert_folded(PICTURE("0", "flame", "0x\n", "005012090"),
		      "damaged flame graph: use the file as diag-flame wrote it", "");
	assert_folded("<svg ></svg>", "not a flame graph of diag-flame", "");
}

#define BOMB_BOXES 60000u
#define BOMB_NAME  1000u

static void lines_that_are_too_long_together_are_refused(void **state)
{
	char *picture = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&picture, &size);

	(void)state;
	assert_non_null(out);
	fputs("<svg >\n<metadata id=\"picture\">{\"version\":2,\"weightDecimals\":0,\"view\":"
	      "\"flame\"}</metadata><metadata id=\"names\">0",
	      out);
	for (unsigned int i = 0; i < BOMB_NAME; i++)
		fputc('a', out);
	/* The root is 60000 wide, Wpw1 in digits of text/svg_data_format.h. Each box is in the one
	 * before it, and its own weight is 1. */
	fputs("\n</metadata><metadata id=\"boxes\">00Wpw1", out);
	for (unsigned int i = 1; i < BOMB_BOXES; i++)
		fputs("011", out);
	fputs("</metadata>", out);
	fclose(out);
	assert_folded(picture,
		      "its folded lines would be more than 1024 times as long: draw it from fewer "
		      "levels",
		      "");
	free(picture);
}

static void only_what_begins_as_an_svg_is_a_picture(void **state)
{
	static const struct {
		const char *text;
		bool is_picture;
	} files[] = {{"<svg x", true}, {"<svg", false}, {"a;b 7\n", false}, {"", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = make_file(files[i].text);

		assert_int_equal(fold_svg_recognizes(fd), files[i].is_picture);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_stays_one_frame_and_no_comment),
		cmocka_unit_test(decimals_are_written_as_far_as_they_say_something),
		cmocka_unit_test(a_difference_has_the_old_count_first),
		cmocka_unit_test(nothing_is_written_of_a_damaged_picture),
		cmocka_unit_test(lines_that_are_too_long_together_are_refused),
		cmocka_unit_test(only_what_begins_as_an_svg_is_a_picture),
	};

	return cmocka_run_group_tests_name("analyze/fold_svg", tests, NULL, NULL);
}
