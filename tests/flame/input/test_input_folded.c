/* tests/flame/input/test_input_folded.c - flame/input/input_folded.c: frames at every place */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flame/input/input.h"

/* Splits as the contract says, one byte after the other. */
static void assert_split(struct folded_line *folded, const char *stack, size_t size)
{
	size_t start = 0;
	size_t count = 0;

	for (size_t at = 0; at <= size; at++) {
		if (at < size && stack[at] != ';')
			continue;
		if (at == size && stack[at - 1] == ';')
			break;
		assert_true(count < folded->frames.count);
		assert_ptr_equal(folded->frames.items[count].name, stack + start);
		assert_int_equal(folded->frames.items[count].size, at - start);
		start = at + 1;
		count++;
	}
	assert_int_equal(folded->frames.count, count);
}

static void parse(struct folded_line *folded, const char *text, size_t size)
{
	/* In memory of exactly this size, so that a read behind the line is found. */
	char *copy = malloc(size);
	const struct input_line line = {.text = copy, .size = size};
	const char *reason;

	assert_non_null(copy);
	memcpy(copy, text, size);
	assert_int_equal(folded_line_parse(folded, &line, false, &reason), FLAME_OK);
	assert_split(folded, copy, size - 2);
	free(copy);
}

static void a_separator_is_found_at_every_place(void **state)
{
	struct folded_line folded = {0};
	char text[152];

	(void)state;
	for (size_t size = 1; size <= 150; size++)
		for (size_t at = 0; at < size; at++) {
			memset(text, at % 2 ? ':' : '<', size);
			text[at] = ';';
			text[size - 1 - at / 2] = ';';
			memcpy(text + size, " 7", 2);
			parse(&folded, text, size + 2);
		}
	frame_list_release(&folded.frames);
}

static void separators_alone_are_empty_frames(void **state)
{
	struct folded_line folded = {0};
	char text[302];

	(void)state;
	for (size_t size = 1; size <= 300; size++) {
		memset(text, ';', size);
		memcpy(text + size, " 7", 2);
		parse(&folded, text, size + 2);
		assert_int_equal(folded.frames.count, size);
	}
	frame_list_release(&folded.frames);
}

static void frames_below_the_entry_are_the_kernels(void **state)
{
	static const char text[] = "a;entry_SYSCALL_64;b;c 7";
	struct folded_line folded = {0};
	const struct input_line line = {.text = text, .size = sizeof(text) - 1};
	const char *reason;

	(void)state;
	assert_int_equal(folded_line_parse(&folded, &line, false, &reason), FLAME_OK);
	assert_int_equal(folded.frames.items[0].type, FRAME_TYPE_AUTO);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(folded.frames.items[i].type, FRAME_TYPE_KERNEL);
	frame_list_release(&folded.frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_separator_is_found_at_every_place),
		cmocka_unit_test(separators_alone_are_empty_frames),
		cmocka_unit_test(frames_below_the_entry_are_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
