/* tests/symbols/test_debug_lines.c - lines out of this program's own debug information, and files
 * that must not hurt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "symbols/debug_directory.h"
#include "symbols/debug_lines.h"
#include "symbols/module.h"

static volatile int sink;

static inline __attribute__((always_inline)) void inlined_part(void)
{
	sink = 42; /* INLINED_LINE */
}
enum { INLINED_LINE = __LINE__ - 2 };

__attribute__((noinline)) void function_with_lines(void);
void function_with_lines(void)
{
	inlined_part(); /* CALL_LINE */
}
enum { CALL_LINE = __LINE__ - 2 };

/* A directory of debug files, as distributions have them, with one file in it. */
struct place {
	char directory[64];
	char path[256];
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
	uint64_t function_address;
};

static void find_function(struct place *place, const struct module *module, const char *name)
{
	for (size_t i = 0; i < module->functions.count; i++) {
		const struct function_entry *entry = &module->functions.entries[i];

		if (strcmp(module->functions.names + entry->name, name) == 0)
			place->function_address =
				module->functions.base_address + entry->start_delta;
	}
}

static void read_identity(struct place *place, const char *file, const char *function)
{
	static const struct module_debug_directories none = {.count = 0};
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct module module;

	assert_true(fd >= 0);
	assert_int_equal(module_load(fd, &none, &module), SYMBOLS_OK);
	place->build_id_bytes = module.image.build_id_bytes;
	memcpy(place->build_id, module.image.build_id, place->build_id_bytes);
	find_function(place, &module, function);
	module_release(&module);
	close(fd);
	assert_true(place->build_id_bytes > 2);
	assert_true(place->function_address != 0);
}

/* Makes the directories of the path; the file itself is the caller's to make. */
static void make_place(struct place *place, const char *file, const char *function)
{
	size_t used;

	memset(place, 0, sizeof(*place));
	read_identity(place, file, function);
	strcpy(place->directory, "/tmp/test_debug_lines.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	used = (size_t)snprintf(place->path, sizeof(place->path), "%s/.build-id", place->directory);
	assert_int_equal(mkdir(place->path, 0700), 0);
	used += (size_t)snprintf(place->path + used, sizeof(place->path) - used, "/%02x",
				 place->build_id[0]);
	assert_int_equal(mkdir(place->path, 0700), 0);
	place->path[used++] = '/';
	for (size_t i = 1; i < place->build_id_bytes; i++)
		used += (size_t)snprintf(place->path + used, sizeof(place->path) - used, "%02x",
					 place->build_id[i]);
	snprintf(place->path + used, sizeof(place->path) - used, ".debug");
}

static void remove_place(struct place *place)
{
	char path[sizeof(place->path)];

	unlink(place->path);
	snprintf(path, sizeof(path), "%s/.build-id/%02x", place->directory, place->build_id[0]);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/.build-id", place->directory);
	rmdir(path);
	rmdir(place->directory);
}

/* The caller frees *ret_bytes. */
static size_t read_file(const char *path, uint8_t **ret_bytes)
{
	FILE *file = fopen(path, "rbe");
	struct stat status;
	uint8_t *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = malloc((size_t)status.st_size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
	fclose(file);
	*ret_bytes = bytes;
	return (size_t)status.st_size;
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "wbe");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void copy_file(const char *from, const char *to)
{
	uint8_t *bytes;
	size_t size = read_file(from, &bytes);

	write_file(to, bytes, size);
	free(bytes);
}

static enum symbols_status open_in(void *context, const uint8_t *build_id, size_t build_id_bytes,
				   int *ret_fd)
{
	return debug_directory_find(context, build_id, build_id_bytes, ret_fd);
}

static enum symbols_status find_lines(const struct place *place, uint64_t address,
				      struct debug_lines *ret_lines)
{
	struct debug_directory directory;
	enum symbols_status status;
	const uint64_t addresses[] = {0x10, address};
	const struct debug_lines_query query = {
		.open = open_in,
		.context = &directory,
		.build_id = place->build_id,
		.build_id_bytes = place->build_id_bytes,
		.addresses = addresses,
		.address_count = 2,
		.time_limit_ms = 5000,
	};

	assert_int_equal(debug_directory_open(place->directory, &directory), SYMBOLS_OK);
	status = debug_lines_find(&query, ret_lines);
	debug_directory_close(&directory);
	return status;
}

static const struct debug_line *line_of(const struct debug_lines *lines, const char *function)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->lines[i].function, function) == 0)
			return &lines->lines[i];
	}
	return NULL;
}

/* Of the addresses of function_with_lines() the one that lies in its inlined part; their number
 * differs by compiler. */
static bool find_inlined(const struct place *place, struct debug_lines *ret_lines)
{
	for (uint64_t delta = 0; delta < 40; delta++) {
		assert_int_equal(find_lines(place, place->function_address + delta, ret_lines),
				 SYMBOLS_OK);
		if (line_of(ret_lines, "inlined_part"))
			return true;
		debug_lines_release(ret_lines);
	}
	return false;
}

static void test_an_address_has_its_file_line_and_inlined_functions(void **state)
{
	const struct debug_line *inner, *outer;
	struct debug_lines lines;
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	copy_file("/proc/self/exe", place.path);
	assert_true(find_inlined(&place, &lines));
	inner = line_of(&lines, "inlined_part");
	outer = line_of(&lines, "function_with_lines");
	assert_non_null(outer);
	assert_true(inner < outer);
	assert_true(inner->inlined);
	assert_false(outer->inlined);
	assert_int_equal(inner->line, INLINED_LINE);
	assert_int_equal(outer->line, CALL_LINE);
	assert_int_equal(outer->address_index, 1);
	assert_non_null(strstr(inner->file, "test_debug_lines.c"));
	debug_lines_release(&lines);
	remove_place(&place);
}

static void test_without_a_debug_file_nothing_is_found(void **state)
{
	struct debug_lines lines;
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	assert_int_equal(find_lines(&place, place.function_address, &lines), SYMBOLS_NOT_FOUND);
	remove_place(&place);
}

static void test_a_fifo_is_refused_and_not_waited_for(void **state)
{
	struct debug_lines lines;
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	assert_int_equal(mkfifo(place.path, 0600), 0);
	assert_int_equal(find_lines(&place, place.function_address, &lines), SYMBOLS_REFUSED);
	remove_place(&place);
}

static void test_a_link_out_of_the_directory_is_not_followed(void **state)
{
	struct debug_lines lines;
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	assert_int_equal(symlink("/proc/self/exe", place.path), 0);
	assert_int_equal(find_lines(&place, place.function_address, &lines), SYMBOLS_NOT_FOUND);
	remove_place(&place);
}

static void test_a_file_of_another_build_is_refused(void **state)
{
	struct debug_lines lines;
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	copy_file(CYCLIC_FILE, place.path);
	assert_int_equal(find_lines(&place, place.function_address, &lines), SYMBOLS_REFUSED);
	remove_place(&place);
}

static void test_an_entry_that_originates_from_itself_ends(void **state)
{
	struct debug_lines lines = {.count = 0};
	struct place place;

	(void)state;
	make_place(&place, CYCLIC_FILE, "cyclic");
	copy_file(CYCLIC_FILE, place.path);
	assert_int_equal(find_lines(&place, place.function_address + 3, &lines), SYMBOLS_OK);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.lines[0].function, "");
	debug_lines_release(&lines);
	remove_place(&place);
}

/* Where the sections of the copy lie, so that changes hit debug information and not code. */
static uint64_t first_debug_offset(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t offset = UINT64_MAX;
	struct elf_image image;

	assert_int_equal(elf_image_open(fd, &image), SYMBOLS_OK);
	for (size_t i = 0; i < image.section_count; i++) {
		if (strncmp(image.sections[i].name, ".debug_", 7) == 0 &&
		    image.sections[i].file_offset < offset)
			offset = image.sections[i].file_offset;
	}
	elf_image_release(&image);
	close(fd);
	return offset;
}

static void test_damaged_debug_information_does_not_reach_the_caller(void **state)
{
	struct place place;
	uint8_t *bytes;
	uint64_t start;
	size_t size;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	copy_file("/proc/self/exe", place.path);
	start = first_debug_offset(place.path);
	size = read_file(place.path, &bytes);
	assert_true(start < size);
	srandom(1);
	for (int round = 0; round < 60; round++) {
		struct debug_lines lines = {.count = 0};
		enum symbols_status status;

		for (int i = 0; i < 200; i++)
			bytes[start + (uint64_t)random() % (size - start)] = (uint8_t)random();
		write_file(place.path, bytes, size);
		status = find_lines(&place, place.function_address, &lines);
		assert_true(status == SYMBOLS_OK || status == SYMBOLS_CORRUPT ||
			    status == SYMBOLS_TIMEOUT || status == SYMBOLS_REFUSED);
		debug_lines_release(&lines);
	}
	free(bytes);
	remove_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_has_its_file_line_and_inlined_functions),
		cmocka_unit_test(test_without_a_debug_file_nothing_is_found),
		cmocka_unit_test(test_a_fifo_is_refused_and_not_waited_for),
		cmocka_unit_test(test_a_link_out_of_the_directory_is_not_followed),
		cmocka_unit_test(test_a_file_of_another_build_is_refused),
		cmocka_unit_test(test_an_entry_that_originates_from_itself_ends),
		cmocka_unit_test(test_damaged_debug_information_does_not_reach_the_caller),
	};

	function_with_lines();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
