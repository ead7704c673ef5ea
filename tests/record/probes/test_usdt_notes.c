/* tests/record/probes/test_usdt_notes.c - record/probes/usdt_notes.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/probes/usdt_notes.h"

#define ADDRESSES "aaaaaaaabbbbbbbbcccccccc"
#define OWNER     "stapsdt"

struct note {
	uint32_t owner_bytes;
	uint32_t description_bytes;
	uint32_t type;
};

/* Appends a note; returns the bytes then used. */
static size_t put(uint8_t *out, size_t used, const char *owner, const char *description,
		  uint32_t bytes)
{
	const struct note note = {(uint32_t)strlen(owner) + 1, bytes, 3};

	memcpy(out + used, &note, sizeof(note));
	used += sizeof(note);
	memcpy(out + used, owner, note.owner_bytes);
	used += (note.owner_bytes + 3) / 4 * 4;
	memcpy(out + used, description, bytes);
	return used + (bytes + 3) / 4 * 4;
}

#define PUT(out, used, owner, description) put(out, used, owner, description, sizeof(description))

static void notes_are_sorted_by_name(void **state)
{
	struct usdt_notes notes = {0};
	uint8_t bytes[512] = {0};
	size_t used = 0;

	(void)state;
	used = PUT(bytes, used, OWNER,
		   ADDRESSES "q\0b\0"
			     "-4@%edi 8@%rsi");
	used = PUT(bytes, used, "another",
		   ADDRESSES "q\0a\0"
			     "8@%rsi");
	used = PUT(bytes, used, OWNER, ADDRESSES "p\0c\0");
	assert_true(usdt_notes_parse(bytes, used, 8, &notes));
	assert_int_equal(notes.count, 2);
	assert_string_equal(notes.notes[0].provider, "p");
	assert_string_equal(notes.notes[0].name, "c");
	assert_string_equal(notes.notes[0].arguments, "");
	assert_string_equal(notes.notes[1].name, "b");
	assert_string_equal(notes.notes[1].arguments, "-4@%edi 8@%rsi");
	usdt_notes_release(&notes);
}

/* Each length of a damaged section, in memory of that size, so that a sanitizer sees a read behind.
 */
static void a_section_can_end_anywhere(void **state)
{
	uint8_t bytes[256] = {0};
	size_t used = PUT(bytes, 0, OWNER,
			  ADDRESSES "q\0b\0"
				    "-4@%edi");

	(void)state;
	for (size_t size = 0; size < used; size++) {
		struct usdt_notes notes = {0};
		uint8_t *copy = malloc(size + 1);

		assert_non_null(copy);
		memcpy(copy, bytes, size);
		assert_true(usdt_notes_parse(copy, size, 8, &notes));
		assert_true(notes.count <= 1);
		usdt_notes_release(&notes);
		free(copy);
	}
}

static void texts_without_an_end_are_skipped(void **state)
{
	struct usdt_notes notes = {0};
	uint8_t bytes[256] = {0};
	size_t used = put(bytes, 0, OWNER, ADDRESSES "q\0bbb", sizeof(ADDRESSES "q\0bbb") - 1);

	(void)state;
	used = put(bytes, used, OWNER, ADDRESSES, 10);
	assert_true(usdt_notes_parse(bytes, used, 8, &notes));
	assert_int_equal(notes.count, 0);
	usdt_notes_release(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_sorted_by_name),
		cmocka_unit_test(a_section_can_end_anywhere),
		cmocka_unit_test(texts_without_an_end_are_skipped),
	};

	return cmocka_run_group_tests_name("record/probes/usdt_notes", tests, NULL, NULL);
}
