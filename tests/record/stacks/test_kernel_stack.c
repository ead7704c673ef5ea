/* tests/record/stacks/test_kernel_stack.c - record/stacks/kernel_stack.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/stacks/kernel_stack.h"
#include "tests/record/memory_trace.h"
#include "tests/record/symbol_list.h"

static const char list[] = "ffff1000 T do_exit\n"
			   "ffff2000 t nf_hook\t[nf_tables]\n"
			   "ffff3000 t bpf_prog_1_on_exit\n"
			   "ffff4000 T bpf_trace_run2\n";

struct fixture {
	struct kernel_symbols *symbols;
	struct kernel_stacks *stacks;
	struct memory_trace trace;
};

static int set_up(void **state)
{
	const struct symbol_source none = {.fd = -1};
	static struct fixture fixture;

	memory_trace_begin(&fixture.trace);
	fixture.symbols = symbol_list_open(list, &none);
	assert_int_equal(kernel_symbols_read(fixture.symbols), SYMBOLS_OK);
	fixture.stacks = kernel_stacks_new(fixture.symbols);
	*state = &fixture;
	return fixture.stacks ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	kernel_stacks_free(fixture->stacks);
	kernel_symbols_free(fixture->symbols);
	memory_trace_end(&fixture->trace);
	return 0;
}

static uint32_t intern(struct fixture *fixture, const uint64_t *addresses, size_t count)
{
	return kernel_stacks_intern(fixture->stacks, fixture->trace.writer, addresses, count);
}

/* Reads the stack back: "do_exit+0x10 [kernel]" and so on, leaf first, joined by "; ". */
static void describe(struct fixture *fixture, uint32_t reference, char *text, size_t size)
{
	struct memory_trace *trace = &fixture->trace;
	const struct dz_exit event = {.kernel_stack = reference};
	uint64_t id;
	size_t used = 0;

	assert_int_equal(dz_writer_add(trace->writer, DZ_KIND_EXIT, &event), DZ_OK);
	memory_trace_read(trace);
	id = ((const struct dz_exit *)memory_trace_next(trace, DZ_KIND_EXIT))->kernel_stack;
	text[0] = '\0';
	while (id) {
		const struct dz_stack *stack = dz_reader_stack(trace->reader, id);
		const struct dz_frame *frame = dz_reader_frame(trace->reader, stack->frame);
		const struct dz_module *module = dz_reader_module(trace->reader, frame->module);

		used += (size_t)snprintf(text + used, size - used, "%s%s+0x%x", used ? "; " : "",
					 memory_trace_text(trace, frame->symbol),
					 (unsigned int)frame->offset);
		used += (size_t)snprintf(text + used, size - used, " %s",
					 memory_trace_text(trace, module->path));
		id = stack->caller;
	}
}

static void frames_are_named_and_those_of_the_recorder_omitted(void **state)
{
	static const uint64_t addresses[] = {0xffff3010, 0xffff4020, 0xffff1010, 0xffff2004};
	struct fixture *fixture = *state;
	uint32_t reference = intern(fixture, addresses, 4);
	char text[256];

	assert_int_not_equal(reference, 0);
	describe(fixture, reference, text, sizeof(text));
	assert_string_equal(text, "do_exit+0x10 [kernel]; nf_hook+0x4 [nf_tables]");
}

static void a_return_address_belongs_to_the_call_before_it(void **state)
{
	static const uint64_t addresses[] = {0xffff2000};
	struct fixture *fixture = *state;
	uint32_t reference = intern(fixture, addresses, 1);
	char text[256];

	describe(fixture, reference, text, sizeof(text));
	assert_string_equal(text, "do_exit+0x1000 [kernel]");
}

static void an_address_without_a_name_is_not_recorded(void **state)
{
	static const uint64_t addresses[] = {0x1234};
	struct fixture *fixture = *state;
	uint32_t reference = intern(fixture, addresses, 1);
	char text[256];

	describe(fixture, reference, text, sizeof(text));
	assert_string_equal(text, "[unknown]+0x0 [kernel]");
}

static void the_same_stack_has_the_same_reference(void **state)
{
	static const uint64_t addresses[] = {0xffff1010, 0xffff2004};
	struct fixture *fixture = *state;
	uint32_t first = intern(fixture, addresses, 2);

	assert_int_equal(intern(fixture, addresses, 2), first);
	assert_int_not_equal(intern(fixture, addresses, 1), first);
	kernel_stacks_forget(fixture->stacks);
	assert_int_equal(intern(fixture, addresses, 2), first);
}

static void an_empty_stack_has_no_reference(void **state)
{
	static const uint64_t own[] = {0xffff3010};
	struct fixture *fixture = *state;

	assert_int_equal(intern(fixture, own, 0), 0);
	assert_int_equal(intern(fixture, own, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_are_named_and_those_of_the_recorder_omitted,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_return_address_belongs_to_the_call_before_it,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_address_without_a_name_is_not_recorded, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_same_stack_has_the_same_reference, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_empty_stack_has_no_reference, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
