/* tests/record/probes/test_probe_fields.c - record/probes/probe_fields.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/probes/probe_fields.h"

#define AT_ARGUMENT(i)                                                                             \
	(uint32_t)(offsetof(struct event_probe_data, arguments) + (i) * sizeof(uint64_t))
#define AT_DATA(i) (uint32_t)(offsetof(struct event_probe_data, data) + (i))

static void add(struct probe_fields *fields, const char *name, enum probe_field_form form,
		uint32_t offset, uint32_t size)
{
	const struct probe_field field = {.form = form, .offset_bytes = offset, .size_bytes = size};

	assert_true(probe_fields_add(fields, name, &field));
}

static void numbers_are_shown_by_size_and_sign(void **state)
{
	struct event_probe_data hit = {.arguments = {UINT64_MAX, 0x1234, 1}};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	add(&fields, "a", PROBE_FIELD_SIGNED, AT_ARGUMENT(0), 4);
	add(&fields, "b", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(0), 4);
	add(&fields, "c", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(1), 1);
	add(&fields, "d", PROBE_FIELD_BOOLEAN, AT_ARGUMENT(2), 1);
	probe_fields_text(&fields, &hit, text);
	assert_string_equal(text, "a=-1 b=4294967295 c=52 d=true");
}

static void a_pointer_never_shows_its_address(void **state)
{
	struct event_probe_data hit = {.arguments = {0xffff888012345678, 0}};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	add(&fields, "file", PROBE_FIELD_POINTER, AT_ARGUMENT(0), 8);
	add(&fields, "none", PROBE_FIELD_POINTER, AT_ARGUMENT(1), 8);
	probe_fields_text(&fields, &hit, text);
	assert_string_equal(text, "file=[pointer] none=NULL");
}

static void a_number_that_is_an_address_is_not_shown(void **state)
{
	struct event_probe_data hit = {.arguments = {0xffffffff81234567, 0xffff888012345678,
						     (uint64_t)-4095, 0x7fff12345678}};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	add(&fields, "call_site", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(0), 8);
	add(&fields, "page", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(1), 8);
	add(&fields, "error", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(2), 8);
	add(&fields, "size", PROBE_FIELD_UNSIGNED, AT_ARGUMENT(3), 8);
	probe_fields_text(&fields, &hit, text);
	assert_string_equal(text, "call_site=[address] page=[address] error=18446744073709547521 "
				  "size=140733498807928");
}

static void strings_end_at_their_nul_or_their_size(void **state)
{
	struct event_probe_data hit = {.data = "a \"b\"\0xyz"};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	add(&fields, "s", PROBE_FIELD_STRING, AT_DATA(0), 16);
	add(&fields, "t", PROBE_FIELD_STRING, AT_DATA(6), 2);
	probe_fields_text(&fields, &hit, text);
	assert_string_equal(text, "s=\"a \"\"b\"\"\" t=\"xy\"");
}

static void a_dynamic_string_is_read_only_inside_the_record(void **state)
{
	static const struct {
		uint32_t word;
		const char *text;
	} cases[] = {
		{4 << 16 | (8 + 16), "n=\"name\""},
		{4 << 16 | 0, "n=?"},
		{4 << 16 | 0xffff, "n=?"},
		{0xffffu << 16 | (8 + 16), "n=\"name\""},
	};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	add(&fields, "n", PROBE_FIELD_DYNAMIC, AT_DATA(0), 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_probe_data hit = {.data = {0}};

		memcpy(hit.data, &cases[i].word, sizeof(cases[i].word));
		memcpy(hit.data + 16, "name", 4);
		probe_fields_text(&fields, &hit, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void fields_that_do_not_fit_are_omitted_whole(void **state)
{
	struct event_probe_data hit = {.data = {0}};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	memset(hit.data, 'x', sizeof(hit.data));
	add(&fields, "first", PROBE_FIELD_STRING, AT_DATA(0), 400);
	add(&fields, "second", PROBE_FIELD_STRING, AT_DATA(0), 512);
	probe_fields_text(&fields, &hit, text);
	assert_int_equal(strlen(text), strlen("first=\"\"") + 400);
	assert_true(text[strlen(text) - 1] == '"');
}

static void there_is_a_limit_to_fields(void **state)
{
	const struct probe_field field = {.form = PROBE_FIELD_OPAQUE};
	struct probe_fields fields = {.count = 0};

	(void)state;
	for (int i = 0; i < PROBE_FIELDS_MAX; i++)
		assert_true(probe_fields_add(&fields, "x", &field));
	assert_false(probe_fields_add(&fields, "x", &field));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_shown_by_size_and_sign),
		cmocka_unit_test(a_pointer_never_shows_its_address),
		cmocka_unit_test(a_number_that_is_an_address_is_not_shown),
		cmocka_unit_test(strings_end_at_their_nul_or_their_size),
		cmocka_unit_test(a_dynamic_string_is_read_only_inside_the_record),
		cmocka_unit_test(fields_that_do_not_fit_are_omitted_whole),
		cmocka_unit_test(there_is_a_limit_to_fields),
	};

	return cmocka_run_group_tests_name("record/probe_fields", tests, NULL, NULL);
}
