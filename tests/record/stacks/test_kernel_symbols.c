/* tests/record/stacks/test_kernel_symbols.c - record/stacks/kernel_symbols.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/record/symbol_list.h"

#define LIST                                                                                       \
	"0000000000000000 A first\nffffffff81000000 T do_exit\nffffffffa0000000 t "                \
	"ext4_read\t[ext4]\n"
#define HIDDEN "0000000000000000 A first\n0000000000000000 T do_exit\n"

/* Each message is one answer; the end of the socket is that of the answers. */
struct answers {
	int sockets[2];
	unsigned long long address;
	struct symbol_source source;
};

static void answers_open(struct answers *answers)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, answers->sockets),
			 0);
	answers->address = 0;
	answers->source = (struct symbol_source){answers->sockets[0], &answers->address, false};
}

static void answers_add(const struct answers *answers, const char *text)
{
	assert_int_equal(write(answers->sockets[1], text, strlen(text)), strlen(text));
}

static void answers_end(struct answers *answers)
{
	if (answers->sockets[1] >= 0)
		(void)close(answers->sockets[1]);
	answers->sockets[1] = -1;
}

static void assert_found(struct kernel_symbols *symbols, uint64_t address,
			 const struct kernel_symbol *expected)
{
	struct kernel_symbol symbol;

	assert_true(kernel_symbols_find(symbols, address, &symbol));
	assert_string_equal(symbol.name, expected->name);
	assert_string_equal(symbol.module, expected->module);
	assert_int_equal(symbol.offset_bytes, expected->offset_bytes);
}

static void answers_are_read_one_by_one(void **state)
{
	static const struct kernel_symbol schedule = {"schedule", "[kernel]", 0x1a};
	static const struct kernel_symbol loaded = {"_RNv+x", "nf_tables", 0};
	struct kernel_symbols *symbols;
	struct kernel_symbol symbol;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_add(&answers, "schedule+0x1a/0x100");
	answers_add(&answers, "_RNv+x+0x0/0x8 [nf_tables]");
	answers_add(&answers, "0xffffffff91000000");
	assert_found(symbols, 0xffffffff8200001a, &schedule);
	assert_true(answers.address == 0xffffffff8200001a);
	assert_found(symbols, 0xffffffffa0001000, &loaded);
	assert_false(kernel_symbols_find(symbols, 0xffffffff91000000, &symbol));
	assert_int_equal(kernel_symbols_table(symbols)->count, 0);
	answers_end(&answers);
	kernel_symbols_free(symbols);
}

static void bpf_programs_have_the_module_of_the_list(void **state)
{
	static const struct kernel_symbol program = {"bpf_prog_75badf7fc6c93e7e_pass", "bpf", 6};
	static const struct kernel_symbol trampoline = {"bpf_trampoline_6442", "bpf", 1};
	static const struct kernel_symbol dispatcher = {"bpf_dispatcher_xdp", "bpf", 3};
	static const struct kernel_symbol caller = {"bpf_dispatcher_xdp_func", "[kernel]", 4};
	static const struct kernel_symbol operation = {"bpf__tcp_congestion_ops_init", "bpf", 5};
	static const struct kernel_symbol enter = {"bpf_trampoline_enter", "[kernel]", 6};
	static const struct kernel_symbol function = {"bpf_prog_load", "[kernel]", 2};
	struct kernel_symbols *symbols;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_add(&answers, "bpf_prog_75badf7fc6c93e7e_pass+0x6/0x80");
	answers_add(&answers, "bpf_trampoline_6442+0x1/0x80");
	answers_add(&answers, "bpf_dispatcher_xdp+0x3/0x80");
	answers_add(&answers, "bpf_dispatcher_xdp_func+0x4/0x80");
	answers_add(&answers, "bpf__tcp_congestion_ops_init+0x5/0x80");
	answers_add(&answers, "bpf_trampoline_enter+0x6/0x80");
	answers_add(&answers, "bpf_prog_load+0x2/0x900");
	assert_found(symbols, 0xffffffffc0000006, &program);
	assert_found(symbols, 0xffffffffc0001001, &trampoline);
	assert_found(symbols, 0xffffffffc0002003, &dispatcher);
	assert_found(symbols, 0xffffffff81001004, &caller);
	assert_found(symbols, 0xffffffffc0003005, &operation);
	assert_found(symbols, 0xffffffff81002006, &enter);
	assert_found(symbols, 0xffffffff81000002, &function);
	answers_end(&answers);
	kernel_symbols_free(symbols);
}

/* The same as in a list: see tests/symbols/test_kallsyms.c. */
static void padding_belongs_to_its_function(void **state)
{
	static const struct kernel_symbol first = {"first", "[kernel]", 0};
	static const struct kernel_symbol second = {"__pfx_second", "[kernel]", 1};
	static const struct kernel_symbol loaded = {"read", "ext4", 0};
	static const struct kernel_symbol last = {"__pfx_last", "ext4", 1};
	struct kernel_symbols *symbols;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_add(&answers, "__pfx_first+0xf/0x10");
	answers_add(&answers, "first+0x0/0x80");
	assert_found(symbols, 0xffffffff810000ff, &first);
	assert_true(answers.address == 0xffffffff81000100);
	answers_add(&answers, "__pfx_second+0x1/0x10");
	answers_add(&answers, "other+0x0/0x10");
	assert_found(symbols, 0xffffffff810001f1, &second);
	answers_add(&answers, "__pfx_read+0x0/0x10 [ext4]");
	answers_add(&answers, "read+0x0/0x10 [ext4]");
	assert_found(symbols, 0xffffffffa0000ff0, &loaded);
	answers_add(&answers, "__pfx_last+0x1/0x2000 [ext4]");
	assert_found(symbols, 0xffffffffa0002001, &last);
	answers_end(&answers);
	kernel_symbols_free(symbols);
}

static void after_the_last_answer_the_list_is_read(void **state)
{
	static const struct kernel_symbol do_exit = {"do_exit", "[kernel]", 0x10};
	static const struct kernel_symbol ext4_read = {"ext4_read", "ext4", 1};
	struct kernel_symbols *symbols;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_end(&answers);
	assert_found(symbols, 0xffffffff81000010, &do_exit);
	assert_found(symbols, 0xffffffffa0000001, &ext4_read);
	assert_int_equal(kernel_symbols_table(symbols)->count, 2);
	kernel_symbols_free(symbols);
}

/* The list is replaced by a directory, which cannot be read, and comes back. */
static void a_list_that_cannot_be_read_is_tried_again(void **state)
{
	static const struct kernel_symbol do_exit = {"do_exit", "[kernel]", 0x10};
	struct kernel_symbols *symbols;
	struct kernel_symbol symbol;
	struct answers answers;
	int lowest, list, kept, directory;
	size_t questions = 0;

	(void)state;
	answers_open(&answers);
	/* symbol_list_open() takes the lowest number for a file that it closes, then the list is
	 * opened. */
	lowest = dup(STDERR_FILENO);
	list = dup(STDERR_FILENO);
	(void)close(lowest);
	(void)close(list);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_end(&answers);
	kept = fcntl(list, F_DUPFD_CLOEXEC, list + 1);
	directory = open("/", O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(directory, list), list);
	assert_false(kernel_symbols_find(symbols, 0xffffffff81000010, &symbol));
	assert_false(kernel_symbols_find(symbols, 0xffffffff81000010, &symbol));
	assert_int_equal(dup2(kept, list), list);
	while (!kernel_symbols_find(symbols, 0xffffffff81000010, &symbol) && questions < 10000)
		questions++;
	assert_in_range(questions, 1, 9999);
	assert_found(symbols, 0xffffffff81000010, &do_exit);
	(void)close(kept);
	(void)close(directory);
	kernel_symbols_free(symbols);
}

static void a_list_that_was_read_is_asked_first(void **state)
{
	static const struct kernel_symbol do_exit = {"do_exit", "[kernel]", 0};
	struct kernel_symbols *symbols;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(LIST, &answers.source);
	answers_add(&answers, "schedule+0x1a/0x100");
	assert_int_equal(kernel_symbols_read(symbols), SYMBOLS_OK);
	assert_int_equal(kernel_symbols_read(symbols), SYMBOLS_OK);
	assert_found(symbols, 0xffffffff81000000, &do_exit);
	answers_end(&answers);
	kernel_symbols_free(symbols);
}

static void what_the_kernel_hides_has_no_name(void **state)
{
	struct kernel_symbols *symbols;
	struct kernel_symbol symbol;
	struct answers answers;

	(void)state;
	answers_open(&answers);
	symbols = symbol_list_open(HIDDEN, &answers.source);
	assert_false(kernel_symbols_find(symbols, 0xffffffff81000010, &symbol));
	assert_int_equal(kernel_symbols_read(symbols), SYMBOLS_OK);
	assert_int_equal(kernel_symbols_table(symbols)->count, 0);
	answers_end(&answers);
	kernel_symbols_free(symbols);
}

static void without_symbols_nothing_is_found(void **state)
{
	const struct symbol_source none = {.fd = -1};
	struct kernel_symbols *symbols;
	struct kernel_symbol symbol;

	(void)state;
	assert_false(kernel_symbols_find(NULL, 0xffffffff81000010, &symbol));
	assert_int_equal(kernel_symbols_open("/nowhere/list", &none, &symbols), SYMBOLS_OK);
	assert_false(kernel_symbols_find(symbols, 0xffffffff81000010, &symbol));
	kernel_symbols_free(symbols);
	assert_int_equal(kernel_symbols_open("/", &none, &symbols), SYMBOLS_IO);
	assert_null(symbols);
	kernel_symbols_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_one_by_one),
		cmocka_unit_test(bpf_programs_have_the_module_of_the_list),
		cmocka_unit_test(padding_belongs_to_its_function),
		cmocka_unit_test(after_the_last_answer_the_list_is_read),
		cmocka_unit_test(a_list_that_cannot_be_read_is_tried_again),
		cmocka_unit_test(a_list_that_was_read_is_asked_first),
		cmocka_unit_test(what_the_kernel_hides_has_no_name),
		cmocka_unit_test(without_symbols_nothing_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
