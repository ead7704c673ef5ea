/* tests/analyze/fold/test_folded_lines.c - analyze/fold/folded_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/fold/folded_lines.h"
#include "tests/analyze/replayed.h"

#define FRAMES_MAX 4u

static void add(struct folded_lines *lines, const char *const *names, enum fold_frame_type type,
		uint64_t weight)
{
	struct fold_frame frames[FRAMES_MAX];
	struct fold_stack stack = {.frames = frames, .weight = weight};

	for (; names[stack.count]; stack.count++)
		frames[stack.count] = (struct fold_frame){
			.name = {names[stack.count], strlen(names[stack.count])},
			.type = type,
		};
	assert_true(folded_lines_add(lines, &stack));
}

#define ADD(lines, type, weight, ...)                                                              \
	add(lines, (const char *const[]){__VA_ARGS__, NULL}, type, weight)

static void write_lines(FILE *out, void *context)
{
	folded_lines_write(context, out);
}

static void assert_lines(struct folded_lines *lines, const char *expected)
{
	char *text = replayed_text(write_lines, lines);

	assert_string_equal(text, expected);
	free(text);
	folded_lines_free(lines);
}

static void equal_stacks_add_up_in_order(void **state)
{
	struct folded_lines *lines;
	uint64_t kept;

	(void)state;
	assert_true(folded_lines_new(false, &lines));
	ADD(lines, FOLD_USER, 1, "main", "b");
	ADD(lines, FOLD_USER, 2, "main", "a");
	kept = folded_lines_kept(lines);
	ADD(lines, FOLD_USER, 3, "main", "b");
	assert_true(kept > 0 && folded_lines_kept(lines) == kept);
	ADD(lines, FOLD_USER, UINT64_MAX, "full");
	ADD(lines, FOLD_USER, 1, "full");
	ADD(lines, FOLD_USER, 1, "main");
	assert_lines(lines, "full 18446744073709551615\nmain 1\nmain;a 2\nmain;b 4\n");
}

static void a_hostile_name_is_one_frame_of_one_line(void **state)
{
	struct folded_lines *lines;

	(void)state;
	assert_true(folded_lines_new(false, &lines));
	ADD(lines, FOLD_USER, 1, "<b>;\033[31m\"\n", "x 99");
	assert_lines(lines, "<b>\\x3b\\x1b[31m\"\\x0a;x\\x2099 1\n");
}

static void types_can_be_marked(void **state)
{
	struct folded_lines *lines;

	(void)state;
	assert_true(folded_lines_new(true, &lines));
	ADD(lines, FOLD_KERNEL, 1, "vfs_read");
	ADD(lines, FOLD_INLINED, 1, "inline");
	ADD(lines, FOLD_JIT, 1, "jit");
	ADD(lines, FOLD_LIBRARY, 1, "read");
	assert_lines(lines, "inline_[i] 1\njit_[j] 1\nread 1\nvfs_read_[k] 1\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_stacks_add_up_in_order),
		cmocka_unit_test(a_hostile_name_is_one_frame_of_one_line),
		cmocka_unit_test(types_can_be_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
