/* tests/symbols/test_debug_lines.c - symbols/debug_lines.c, with this program's debug information
 *
 * usage: test_symbols_debug_lines [COUNT]
 *
 * Tries COUNT damaged files (60). If COUNT is given, also tries a compressed section of a gigabyte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "symbols/debug_directory.h"
#include "symbols/debug_lines.h"
#include "symbols/module.h"

#define GIB UINT64_C(1073741824)

/* Long enough for a busy machine. */
#define LONG_MS 60000u

/* The limits of a child: 2 GiB (dwarf_child.c), and a time. */
#define CHILD_KIB_MAX (2u << 20)
#define LIMIT_MS      5000u
#define SLACK_MS      3000u

static volatile int sink;
static int damaged_files = 60;

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

/* A directory of debug files with one file, laid out as in distributions. */
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

/* Creates the directories of the path, but not the file. */
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

static enum symbols_status find_lines_within(const struct place *place, uint64_t address,
					     unsigned int limit_ms, struct debug_lines *ret_lines)
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
		.time_limit_ms = limit_ms,
	};

	assert_int_equal(debug_directory_open(place->directory, &directory), SYMBOLS_OK);
	status = debug_lines_find(&query, ret_lines);
	debug_directory_close(&directory);
	return status;
}

static enum symbols_status find_lines(const struct place *place, uint64_t address,
				      struct debug_lines *ret_lines)
{
	return find_lines_within(place, address, LONG_MS, ret_lines);
}

static const struct debug_line *line_of(const struct debug_lines *lines, const char *function)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->lines[i].function, function) == 0)
			return &lines->lines[i];
	}
	return NULL;
}

/* Finds the address in the inlined part of function_with_lines(). The number of addresses depends
 * on the compiler. */
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

/* Finds the debug sections of the copy, so that changes hit debug information and not code. */
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
	for (int round = 0; round < damaged_files; round++) {
		struct debug_lines lines = {.count = 0};
		enum symbols_status status;

		for (int i = 0; i < 200; i++)
			bytes[start + (uint64_t)random() % (size - start)] = (uint8_t)random();
		write_file(place.path, bytes, size);
		status = find_lines_within(&place, place.function_address, LIMIT_MS, &lines);
		assert_true(status == SYMBOLS_OK || status == SYMBOLS_CORRUPT ||
			    status == SYMBOLS_TIMEOUT || status == SYMBOLS_REFUSED);
		debug_lines_release(&lines);
	}
	free(bytes);
	remove_place(&place);
}

/* Makes a zlib stream that inflates to `size` zeros, 158 to 1: a literal, then matches of 258 bytes
 * at distance 1 in the fixed code, eight of which are 13 bytes. Its end is missing. The caller
 * frees it. */
static uint8_t *make_zeros(uint64_t size, size_t *ret_size)
{
	static const uint8_t start[] = {0x78, 0x9c, 0x63};
	static const char match[] = "1100010100000"; /* bits in the order of the stream */
	size_t matches = (size_t)(size / 258 / 8) * 8;
	size_t bits = 8 * sizeof(start) + 5 + matches * 13;
	uint8_t *stream = calloc(bits / 8 + 16, 1);
	size_t at = 8 * sizeof(start);

	assert_non_null(stream);
	memcpy(stream, start, sizeof(start));
	/* The header is three bits, the literal eight: 0x63 has the header and five of these. */
	at += 3;
	for (size_t i = 0; i < 16 * 13; i++, at++)
		if (match[i % 13] == '1')
			stream[at / 8] |= (uint8_t)(1u << at % 8);
	for (size_t i = sizeof(start) + 14; i < bits / 8; i++)
		stream[i] = stream[i - 13];
	*ret_size = bits / 8;
	return stream;
}

static Elf64_Shdr *find_section(uint8_t *bytes, const char *name)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)(void *)bytes;
	Elf64_Shdr *sections = (Elf64_Shdr *)(void *)(bytes + header->e_shoff);
	const char *names = (const char *)bytes + sections[header->e_shstrndx].sh_offset;

	for (size_t i = 0; i < header->e_shnum; i++)
		if (strcmp(names + sections[i].sh_name, name) == 0)
			return &sections[i];
	fail();
	return NULL;
}

/* Makes .debug_info of the file a compressed section with that size in its header. */
static void claim(const struct place *place, uint64_t claimed, const uint8_t *stream,
		  size_t stream_size)
{
	const Elf64_Chdr compressed = {
		.ch_type = ELFCOMPRESS_ZLIB, .ch_size = claimed, .ch_addralign = 1};
	uint8_t *bytes;
	size_t size = read_file("/proc/self/exe", &bytes);
	Elf64_Shdr *section = find_section(bytes, ".debug_info");
	FILE *file = fopen(place->path, "wbe");

	assert_non_null(file);
	section->sh_flags |= SHF_COMPRESSED;
	section->sh_offset = size;
	section->sh_size = sizeof(compressed) + stream_size;
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fwrite(&compressed, sizeof(compressed), 1, file), 1);
	assert_int_equal(fwrite(stream, 1, stream_size, file), stream_size);
	assert_int_equal(fclose(file), 0);
	free(bytes);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t cpu_ms(const struct rusage *usage)
{
	return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
	       (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* The result does not matter, but time and memory must be bounded. On a busy machine the child also
 * waits for a CPU. */
static void assert_bounded(const struct place *place)
{
	struct debug_lines lines = {.count = 0};
	uint64_t start_ms = now_ms();
	enum symbols_status status;
	struct rusage before, children;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &before), 0);
	status = find_lines_within(place, place->function_address, LIMIT_MS, &lines);
	assert_true(status == SYMBOLS_OK || status == SYMBOLS_CORRUPT || status == SYMBOLS_TIMEOUT);
	assert_true(now_ms() - start_ms < LONG_MS);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &children), 0);
	assert_true(cpu_ms(&children) - cpu_ms(&before) < LIMIT_MS + SLACK_MS);
#if !defined(__SANITIZE_ADDRESS__)
	assert_true(children.ru_maxrss < CHILD_KIB_MAX);
#endif
	assert_null(line_of(&lines, "function_with_lines"));
	debug_lines_release(&lines);
}

static void test_a_section_with_a_size_of_gigabytes_is_refused(void **state)
{
	static const uint64_t claims[] = {4 * GIB, 4 * GIB - 1, 3 * GIB, UINT64_MAX};
	static const uint8_t nothing[64];
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		claim(&place, claims[i], nothing, sizeof(nothing));
		assert_bounded(&place);
	}
	remove_place(&place);
}

static void test_a_section_of_gigabytes_ends_only_the_child(void **state)
{
	static const uint64_t sizes[] = {4 * GIB, GIB};
	struct place place;

	(void)state;
	make_place(&place, "/proc/self/exe", "function_with_lines");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size;
		uint8_t *stream = make_zeros(sizes[i], &size);

		claim(&place, sizes[i], stream, size);
		free(stream);
		assert_bounded(&place);
	}
	remove_place(&place);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_has_its_file_line_and_inlined_functions),
		cmocka_unit_test(test_without_a_debug_file_nothing_is_found),
		cmocka_unit_test(test_a_fifo_is_refused_and_not_waited_for),
		cmocka_unit_test(test_a_link_out_of_the_directory_is_not_followed),
		cmocka_unit_test(test_a_file_of_another_build_is_refused),
		cmocka_unit_test(test_an_entry_that_originates_from_itself_ends),
		cmocka_unit_test(test_damaged_debug_information_does_not_reach_the_caller),
		cmocka_unit_test(test_a_section_with_a_size_of_gigabytes_is_refused),
	};
	/* Needs a gigabyte of memory. */
	const struct CMUnitTest large[] = {
		cmocka_unit_test(test_a_section_of_gigabytes_ends_only_the_child),
	};

	if (argc > 1)
		damaged_files = (int)strtol(argv[1], NULL, 10);
	function_with_lines();
	if (argc > 1 && cmocka_run_group_tests(large, NULL, NULL) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
