/* tests/symbols/test_kallsyms.c - symbols/kallsyms.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/kallsyms.h"

static enum symbols_status read_text(const char *text, struct kallsyms *ret_kallsyms)
{
	int fd = memfd_create("kallsyms", MFD_CLOEXEC);
	enum symbols_status status;
	ssize_t length = (ssize_t)strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)length), length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	status = kallsyms_read(fd, ret_kallsyms);
	close(fd);
	return status;
}

static void assert_symbol(const struct kallsyms *kallsyms, uint64_t address, const char *name,
			  const char *module, uint64_t offset_bytes)
{
	struct kernel_symbol symbol;

	assert_true(kallsyms_find(kallsyms, address, &symbol));
	assert_string_equal(symbol.name, name);
	assert_string_equal(symbol.module, module);
	assert_int_equal(symbol.offset_bytes, offset_bytes);
}

static const char text[] = "ffffffff81000000 T _text\n"
			   "ffffffff81000100 T do_exit\n"
			   "ffffffff81000100 t do_exit_alias\n"
			   "ffffffff81000180 D some_data\n"
			   "ffffffff81000200 t helper.isra.0\n"
			   "ffffffffa0001000 t ext4_sync\t[ext4]\n"
			   "ffffffffa0002000 t bpf_prog_1234\t[bpf]\n"
			   "ffffffffa0001100 T ext4_read\t[ext4]\n";

static void test_addresses_become_symbol_offset_and_module(void **state)
{
	struct kallsyms kallsyms;

	(void)state;
	assert_int_equal(read_text(text, &kallsyms), SYMBOLS_OK);
	assert_symbol(&kallsyms, 0xffffffff81000000, "_text", "[kernel]", 0);
	assert_symbol(&kallsyms, 0xffffffff810001f0, "do_exit", "[kernel]", 0xf0);
	assert_symbol(&kallsyms, 0xffffffff81000201, "helper.isra.0", "[kernel]", 1);
	assert_symbol(&kallsyms, 0xffffffffa0001104, "ext4_read", "ext4", 4);
	assert_symbol(&kallsyms, 0xffffffffa0002000, "bpf_prog_1234", "bpf", 0);
	kallsyms_release(&kallsyms);
}

static void test_addresses_outside_of_all_functions_have_no_name(void **state)
{
	struct kernel_symbol symbol;
	struct kallsyms kallsyms;

	(void)state;
	assert_int_equal(read_text(text, &kallsyms), SYMBOLS_OK);
	assert_false(kallsyms_find(&kallsyms, 0x1000, &symbol));
	assert_false(kallsyms_find(&kallsyms, 0xffffffff80ffffff, &symbol));
	assert_false(kallsyms_find(&kallsyms, 0xffffffff91000000, &symbol));
	kallsyms_release(&kallsyms);
}

static void test_padding_belongs_to_its_function(void **state)
{
	static const char padded[] = "ffffffff81000000 T _text\n"
				     "ffffffff810000f0 t __pfx_first\n"
				     "ffffffff810000f0 T __pfx_first_alias\n"
				     "ffffffff81000100 T first\n"
				     "ffffffff81000100 T first_alias\n"
				     "ffffffff810001f0 t __pfx_second\n"
				     "ffffffff81000200 T other\n"
				     "ffffffffa0000ff0 t __pfx_read\t[ext4]\n"
				     "ffffffffa0001000 t read\t[ext4]\n"
				     "ffffffffa0002000 t __pfx_last\t[ext4]\n"
				     "ffffffffa0001100 t write\t[ext4]\n"
				     "ffffffffa0001200 t seek\t[ext4]\n"
				     "ffffffffa00010f0 t __pfx_write\t[ext4]\n"
				     "ffffffffa00011f0 t __pfx_seek\t[ext4]\n";
	struct kallsyms kallsyms;

	(void)state;
	assert_int_equal(read_text(padded, &kallsyms), SYMBOLS_OK);
	assert_int_equal(kallsyms.count, 8);
	assert_symbol(&kallsyms, 0xffffffff810000ef, "_text", "[kernel]", 0xef);
	assert_symbol(&kallsyms, 0xffffffff810000f0, "first", "[kernel]", 0);
	assert_symbol(&kallsyms, 0xffffffff81000101, "first", "[kernel]", 1);
	assert_symbol(&kallsyms, 0xffffffff810001f1, "__pfx_second", "[kernel]", 1);
	assert_symbol(&kallsyms, 0xffffffffa0000fff, "read", "ext4", 0);
	assert_symbol(&kallsyms, 0xffffffffa00010f0, "write", "ext4", 0);
	assert_symbol(&kallsyms, 0xffffffffa00011ff, "seek", "ext4", 0);
	assert_symbol(&kallsyms, 0xffffffffa0001201, "seek", "ext4", 1);
	assert_symbol(&kallsyms, 0xffffffffa0002001, "__pfx_last", "ext4", 1);
	kallsyms_release(&kallsyms);
}

static void test_hidden_addresses_are_refused(void **state)
{
	struct kallsyms kallsyms;

	(void)state;
	assert_int_equal(
		read_text("0000000000000000 T _text\n0000000000000000 T do_exit\n", &kallsyms),
		SYMBOLS_REFUSED);
}

static void test_invalid_lines_are_skipped(void **state)
{
	struct kallsyms kallsyms;

	(void)state;
	assert_int_equal(read_text("\nffffffff81000000\nffffffff81000000 T\nffffffff81000000 T \n"
				   "xyz T f\n1 T good\n2 T in_module\t[\n",
				   &kallsyms),
			 SYMBOLS_OK);
	assert_int_equal(kallsyms.count, 2);
	assert_symbol(&kallsyms, 2, "in_module", "[kernel]", 0);
	kallsyms_release(&kallsyms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_become_symbol_offset_and_module),
		cmocka_unit_test(test_addresses_outside_of_all_functions_have_no_name),
		cmocka_unit_test(test_padding_belongs_to_its_function),
		cmocka_unit_test(test_hidden_addresses_are_refused),
		cmocka_unit_test(test_invalid_lines_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
