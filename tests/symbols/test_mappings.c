/* tests/symbols/test_mappings.c - symbols/mappings.c and proc_maps.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/mappings.h"

static void add(struct mappings *mappings, uint64_t start, uint64_t end, uint64_t file_offset)
{
	const struct mapping mapping = {
		.start = start,
		.end = end,
		.file_offset = file_offset,
		.kind = MAPPING_ANONYMOUS,
	};

	assert_int_equal(mappings_add(mappings, &mapping), SYMBOLS_OK);
}

/* Pairs of start and end; the last one is 0. */
static void assert_ranges(const struct mappings *mappings, const uint64_t *ranges)
{
	size_t i = 0;

	for (; ranges[2 * i]; i++) {
		assert_true(i < mappings->count);
		assert_int_equal(mappings->entries[i].start, ranges[2 * i]);
		assert_int_equal(mappings->entries[i].end, ranges[2 * i + 1]);
	}
	assert_int_equal(mappings->count, i);
}

#define ASSERT_RANGES(mappings, ...) assert_ranges((mappings), (const uint64_t[]){__VA_ARGS__, 0})

static void test_an_address_is_found_in_its_mapping_and_not_in_a_gap(void **state)
{
	struct mappings mappings;

	(void)state;
	mappings_init(&mappings, 1);
	add(&mappings, 0x5000, 0x6000, 0);
	add(&mappings, 0x1000, 0x2000, 0);
	add(&mappings, 0x3000, 0x4000, 0);
	assert_null(mappings_find(&mappings, 0xfff));
	assert_int_equal(mappings_find(&mappings, 0x1000)->start, 0x1000);
	assert_int_equal(mappings_find(&mappings, 0x1fff)->start, 0x1000);
	assert_null(mappings_find(&mappings, 0x2000));
	assert_int_equal(mappings_find(&mappings, 0x5fff)->start, 0x5000);
	assert_null(mappings_find(&mappings, 0x6000));
	mappings_release(&mappings);
}

static void test_a_new_mapping_replaces_what_it_overlaps(void **state)
{
	struct mappings mappings;

	(void)state;
	mappings_init(&mappings, 1);
	add(&mappings, 0x1000, 0x4000, 0x100000);
	add(&mappings, 0x2000, 0x3000, 0);
	ASSERT_RANGES(&mappings, 0x1000, 0x2000, 0x2000, 0x3000, 0x3000, 0x4000);
	assert_int_equal(mappings.entries[2].file_offset, 0x102000);
	add(&mappings, 0x1800, 0x3800, 0);
	ASSERT_RANGES(&mappings, 0x1000, 0x1800, 0x1800, 0x3800, 0x3800, 0x4000);
	assert_int_equal(mappings.entries[2].file_offset, 0x102800);
	add(&mappings, 0x1000, 0x9000, 0);
	ASSERT_RANGES(&mappings, 0x1000, 0x9000);
	mappings_release(&mappings);
}

static void test_removing_leaves_the_rest_of_a_mapping(void **state)
{
	struct mappings mappings;

	(void)state;
	mappings_init(&mappings, 1);
	add(&mappings, 0x1000, 0x5000, 0);
	assert_int_equal(mappings_remove(&mappings, 0x2000, 0x3000), SYMBOLS_OK);
	ASSERT_RANGES(&mappings, 0x1000, 0x2000, 0x3000, 0x5000);
	assert_int_equal(mappings_remove(&mappings, 0x1800, 0x3800), SYMBOLS_OK);
	ASSERT_RANGES(&mappings, 0x1000, 0x1800, 0x3800, 0x5000);
	assert_int_equal(mappings_remove(&mappings, 0, UINT64_MAX), SYMBOLS_OK);
	assert_int_equal(mappings.count, 0);
	assert_int_equal(mappings_remove(&mappings, 0, UINT64_MAX), SYMBOLS_OK);
	mappings_release(&mappings);
}

static void test_a_copy_outlives_the_original(void **state)
{
	const struct file_identity identity = {.inode = 7};
	struct mapping mapping = {.start = 0x1000, .end = 0x2000};
	struct mappings mappings, copy;

	(void)state;
	mapping.file = mapped_file_new(&identity, "/usr/lib/libthird.so", 5);
	assert_non_null(mapping.file);
	mappings_init(&mappings, 1);
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_OK);
	mapped_file_release(mapping.file);
	assert_int_equal(mappings_copy(&mappings, 2, &copy), SYMBOLS_OK);
	mappings_clear(&mappings);
	mappings_release(&mappings);
	assert_int_equal(copy.pid, 2);
	assert_string_equal(mappings_find(&copy, 0x1234)->file->path, "/usr/lib/libthird.so");
	mappings_release(&copy);
}

static void test_the_number_of_mappings_is_limited(void **state)
{
	struct mapping mapping = {.kind = MAPPING_ANONYMOUS};
	struct mappings mappings;

	(void)state;
	mappings_init(&mappings, 1);
	for (uint64_t i = 0; i < MAPPINGS_MAX; i++)
		add(&mappings, 0x1000 + i * 0x2000, 0x2000 + i * 0x2000, 0);
	mapping.start = UINT64_C(1) << 40;
	mapping.end = mapping.start + 1;
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_LIMIT);
	assert_int_equal(mappings.count, MAPPINGS_MAX);
	mapping.end = mapping.start;
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_CORRUPT);
	mappings_release(&mappings);
}

/* Calls mappings_read_proc() with a file that contains `text`. */
static void read_text(struct mappings *mappings, const char *text)
{
	int fd = memfd_create("maps", MFD_CLOEXEC);
	ssize_t length = (ssize_t)strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)length), length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	mappings_init(mappings, 1);
	assert_int_equal(mappings_read_proc(mappings, fd), SYMBOLS_OK);
	close(fd);
}

static void test_only_executable_lines_are_kept_with_their_file(void **state)
{
	struct mappings mappings;
	const struct mapping *mapping;

	(void)state;
	read_text(&mappings,
		  "55d0c0000000-55d0c0001000 r--p 00000000 fe:01 1234                 /bin/cat\n"
		  "55d0c0001000-55d0c0005000 r-xp 00001000 fe:01 1234                 /bin/cat\n"
		  "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
		  "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                 [vdso]\n");
	assert_int_equal(mappings.count, 3);
	mapping = mappings_find(&mappings, 0x55d0c0001234);
	assert_int_equal(mapping->kind, MAPPING_FILE);
	assert_int_equal(mapping->file_offset, 0x1000);
	assert_int_equal(mapping->file->identity.inode, 1234);
	assert_int_equal(mapping->file->identity.device_major, 0xfe);
	assert_int_equal(mapping->file->identity.device_minor, 1);
	assert_string_equal(mapping->file->path, "/bin/cat");
	assert_int_equal(mappings.entries[1].kind, MAPPING_ANONYMOUS);
	assert_int_equal(mappings.entries[2].kind, MAPPING_VDSO);
	mappings_release(&mappings);
}

static void test_odd_paths_are_kept_byte_for_byte(void **state)
{
	struct mappings mappings;

	(void)state;
	read_text(&mappings, "1000-2000 r-xp 00000000 08:01 5    /a b\\012c\xff (x) (deleted)\n"
			     "2000-3000 r-xp 00000000 08:01 6    / (deleted)/x\n"
			     "3000-4000 r-xp 00000000 00:01 7    /memfd:jit (deleted)\n"
			     "4000-5000 r-xp 00000000 08:01 8    [odd\n");
	assert_int_equal(mappings.count, 4);
	assert_string_equal(mappings.entries[0].file->path, "/a b\nc\xff (x)");
	assert_string_equal(mappings.entries[1].file->path, "/ (deleted)/x");
	assert_int_equal(mappings.entries[2].kind, MAPPING_MEMFD);
	assert_string_equal(mappings.entries[2].file->path, "/memfd:jit");
	assert_int_equal(mappings.entries[3].kind, MAPPING_ANONYMOUS);
	mappings_release(&mappings);
}

static void test_invalid_lines_are_skipped(void **state)
{
	struct mappings mappings;

	(void)state;
	read_text(&mappings, "\n-\n1000-\n1000-2000\n1000-2000 r-x\n2000-1000 r-xp 0 0:0 0 \n"
			     "xyz-2000 r-xp 00000000 08:01 5 /a\n"
			     "1000-99999999999999999999 r-xp 00000000 08:01 5 /a\n"
			     "7000-8000 r-xp 00000000 08:01 5 /good\nno newline at the end");
	ASSERT_RANGES(&mappings, 0x7000, 0x8000);
	mappings_release(&mappings);
}

static void test_a_file_in_several_lines_is_one_file(void **state)
{
	struct mappings mappings;

	(void)state;
	read_text(&mappings,
		  "1000-2000 r-xp 00000000 08:01 5 /a\n2000-3000 --xp 00001000 08:01 5 /a\n"
		  "3000-4000 r-xp 00000000 08:01 5 /b\n");
	assert_ptr_equal(mappings.entries[0].file, mappings.entries[1].file);
	assert_ptr_not_equal(mappings.entries[0].file, mappings.entries[2].file);
	mappings_release(&mappings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_found_in_its_mapping_and_not_in_a_gap),
		cmocka_unit_test(test_a_new_mapping_replaces_what_it_overlaps),
		cmocka_unit_test(test_removing_leaves_the_rest_of_a_mapping),
		cmocka_unit_test(test_a_copy_outlives_the_original),
		cmocka_unit_test(test_the_number_of_mappings_is_limited),
		cmocka_unit_test(test_only_executable_lines_are_kept_with_their_file),
		cmocka_unit_test(test_odd_paths_are_kept_byte_for_byte),
		cmocka_unit_test(test_invalid_lines_are_skipped),
		cmocka_unit_test(test_a_file_in_several_lines_is_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
