/* tests/record/probes/test_tracepoint_format.c - record/probes/tracepoint_format.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/probes/tracepoint_format.h"

static struct probe_fields fields_of(const char *text)
{
	FILE *file = tmpfile();
	struct probe_fields fields;

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	rewind(file);
	tracepoint_format_read(fileno(file), &fields);
	(void)fclose(file);
	return fields;
}

static void fields_have_offset_and_form(void **state)
{
	const struct probe_fields fields =
		fields_of("name: sched_switch\nID: 316\nformat:\n"
			  "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
			  "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
			  "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			  "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
			  "\tfield:__data_loc char[] filename;\toffset:28;\tsize:4;\tsigned:0;\n"
			  "\tfield:const void * caller;\toffset:32;\tsize:8;\tsigned:0;\n"
			  "\tfield:bool last;\toffset:40;\tsize:1;\tsigned:0;\n"
			  "\tfield:u8 raw[6];\toffset:41;\tsize:6;\tsigned:0;\n\n"
			  "print fmt: \"field:x y; offset:1; size:1; signed:1;\", REC->last\n");
	static const struct {
		const char *name;
		enum probe_field_form form;
		uint32_t offset;
		uint32_t size;
	} expected[] = {
		{"prev_comm", PROBE_FIELD_STRING, 0, 16}, {"prev_pid", PROBE_FIELD_SIGNED, 16, 4},
		{"filename", PROBE_FIELD_DYNAMIC, 20, 4}, {"caller", PROBE_FIELD_POINTER, 24, 8},
		{"last", PROBE_FIELD_BOOLEAN, 32, 1},     {"raw", PROBE_FIELD_OPAQUE, 33, 6},
	};

	(void)state;
	assert_int_equal(fields.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < fields.count; i++) {
		const struct probe_field *field = &fields.fields[i];

		assert_string_equal(field->name, expected[i].name);
		assert_int_equal(field->form, expected[i].form);
		assert_int_equal(field->offset_bytes,
				 offsetof(struct event_probe_data, data) + expected[i].offset);
		assert_int_equal(field->size_bytes, expected[i].size);
	}
	/* The strings follow the fixed part. */
	assert_in_range(fields.record_bytes, 39 + 64, PROBE_DATA_BYTES);
}

static void arguments_of_system_calls_have_the_size_and_sign_of_their_types(void **state)
{
	const struct probe_fields fields =
		fields_of("\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n\n"
			  "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
			  "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
			  "\tfield:umode_t mode;\toffset:32;\tsize:8;\tsigned:0;\n"
			  "\tfield:const clockid_t clock;\toffset:40;\tsize:8;\tsigned:0;\n"
			  "\tfield:size_t count;\toffset:48;\tsize:8;\tsigned:0;\n");
	struct event_probe_data hit = {0};
	const int64_t words[] = {
		0, 0x7fffffff00000000 | 0xffffff9c, 0, 0xabc0000 | 0644, -1, INT64_C(1) << 40};
	char text[PROBE_FIELDS_TEXT_MAX];

	(void)state;
	memcpy(hit.data, words, sizeof(words));
	probe_fields_text(&fields, &hit, text);
	assert_string_equal(text, "dfd=-100 filename=NULL mode=420 clock=-1 count=1099511627776");
	assert_int_equal(fields.record_bytes, sizeof(words));
}

static void fields_beyond_the_data_are_omitted(void **state)
{
	const struct probe_fields fields =
		fields_of("\tfield:int far;\toffset:600;\tsize:4;\tsigned:1;\n"
			  "\tfield:char large[4000];\toffset:8;\tsize:4000;\tsigned:0;\n"
			  "\tfield:int huge;\toffset:4294967290;\tsize:4294967290;\tsigned:1;\n"
			  "\tfield:int near;\toffset:8;\tsize:4;\tsigned:1;\n");

	(void)state;
	assert_int_equal(fields.count, 1);
	assert_string_equal(fields.fields[0].name, "near");
	assert_int_equal(fields.record_bytes, 4);
}

static void invalid_text_has_no_fields(void **state)
{
	(void)state;
	assert_int_equal(fields_of("field:;;;\n field:x\n\n\tfield:int a\n").count, 0);
}

static void the_end_of_execve_has_the_path_that_failed(void **state)
{
	static const char text[] = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
				   "\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;\n";
	struct probe_fields fields = fields_of(text);

	(void)state;
	tracepoint_format_add_path("syscalls", "sys_exit_open", &fields);
	tracepoint_format_add_path("sched", "sys_exit_execve", &fields);
	assert_int_equal(fields.count, 1);
	assert_int_equal(fields.path_argument, 0);
	tracepoint_format_add_path("syscalls", "sys_exit_execveat", &fields);
	assert_int_equal(fields.count, 2);
	assert_int_equal(fields.path_argument, 2);
	assert_string_equal(fields.fields[1].name, "filename");
	assert_true(fields.record_bytes <= PROBE_PATH_OFFSET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_have_offset_and_form),
		cmocka_unit_test(arguments_of_system_calls_have_the_size_and_sign_of_their_types),
		cmocka_unit_test(fields_beyond_the_data_are_omitted),
		cmocka_unit_test(invalid_text_has_no_fields),
		cmocka_unit_test(the_end_of_execve_has_the_path_that_failed),
	};

	return cmocka_run_group_tests_name("record/tracepoint_format", tests, NULL, NULL);
}
