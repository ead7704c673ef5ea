/* tests/analyze/fold/test_frame_names.c - analyze/fold/frame_names.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/fold/frame_names.h"
#include "tests/analyze/replayed.h"

static void a_name_is_formatted_once_for_each_frame(void **state)
{
	struct trace *trace = replayed_trace(scenario_probes);
	const struct trace_file *file = trace_file(trace, 0);
	struct frame_names *names;
	struct trace_text first;
	struct trace_text again;
	struct trace_text damaged;

	(void)state;
	assert_true(frame_names_new(&names));
	assert_true(frame_names_find(names, file, dz_reader_frame(file->reader, 1), &first));
	assert_true(frame_names_find(names, file, dz_reader_frame(file->reader, 1), &again));
	assert_true(frame_names_find(names, file, NULL, &damaged));
	assert_ptr_equal(first.bytes, again.bytes);
	assert_memory_equal(first.bytes, "entry_SYSCALL_64", first.size);
	assert_memory_equal(damaged.bytes, "[damaged]", damaged.size);
	frame_names_free(names);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_formatted_once_for_each_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
