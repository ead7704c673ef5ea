/* tests/symbols/test_module.c - symbols/module.c and its parts, also with hostile files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "symbols/module.h"
#include "tests/symbols/made_elf.h"

/* CPU time: on a busy machine the test waits for a CPU. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* AddressSanitizer needs memory too. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_FACTOR 20
#else
#define MEMORY_FACTOR 1
#endif

static long peak_memory_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static enum symbols_status load_made(struct made_elf *elf, struct module *ret_module)
{
	enum symbols_status status;
	size_t size;
	uint8_t *bytes = made_elf_finish(elf, &size);

	status = module_load_memory(bytes, size, ret_module);
	free(bytes);
	return status;
}

static enum symbols_status load_file(const char *path, struct module *ret_module)
{
	static const char *const directories[] = {"/usr/lib/debug"};
	static const struct module_debug_directories debug = {directories, 1};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum symbols_status status;

	assert_true(fd >= 0);
	status = module_load(fd, &debug, ret_module);
	close(fd);
	return status;
}

static bool has_function(const struct module *module, const char *name)
{
	for (size_t i = 0; i < module->functions.count; i++) {
		if (strcmp(module->functions.names + module->functions.entries[i].name, name) == 0)
			return true;
	}
	return false;
}

/* A text section with the functions first (0x10 bytes), second (of unknown size, at 0x20) and label
 * (at the address of second). */
struct text {
	uint8_t code[0x40];
	char strings[64];
	Elf64_Sym symbols[8];
	size_t count;
};

static void add_symbol(struct text *text, const char *name, uint8_t info, uint64_t address,
		       uint64_t size)
{
	size_t used = 1;

	while (text->strings[used])
		used += strlen(text->strings + used) + 1;
	memcpy(text->strings + used, name, strlen(name));
	text->symbols[text->count++] = (Elf64_Sym){
		.st_name = (uint32_t)used,
		.st_info = info,
		.st_shndx = 1,
		.st_value = address,
		.st_size = size,
	};
}

#define TEXT_ADDRESS (MADE_ELF_ADDRESS + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

static void make_text(struct made_elf *elf, struct text *text)
{
	uint8_t function = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
	uint8_t label = ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE);

	memset(text, 0, sizeof(*text));
	add_symbol(text, "first@@VERS_1", function, TEXT_ADDRESS, 0x10);
	add_symbol(text, "second", function, TEXT_ADDRESS + 0x20, 0);
	add_symbol(text, "label", label, TEXT_ADDRESS + 0x20, 0);
	add_symbol(text, "_alias", function, TEXT_ADDRESS, 0x10);
	made_elf_init(elf);
	made_elf_add(elf, ".text", SHT_PROGBITS, text->code, sizeof(text->code))->sh_flags =
		SHF_ALLOC | SHF_EXECINSTR;
	made_elf_add(elf, ".strtab", SHT_STRTAB, text->strings, sizeof(text->strings));
	made_elf_add(elf, ".symtab", SHT_SYMTAB, text->symbols,
		     text->count * sizeof(text->symbols[0]))
		->sh_link = 2;
}

static void assert_function(const struct module *module, uint64_t address, const char *name,
			    uint64_t offset_bytes)
{
	struct function function;

	assert_true(function_table_find(&module->functions, address, &function));
	assert_string_equal(function.name, name);
	assert_int_equal(function.offset_bytes, offset_bytes);
}

static void test_functions_are_named_and_gaps_between_them_are_not(void **state)
{
	struct function function;
	struct module module;
	struct made_elf elf;
	struct text text;

	(void)state;
	make_text(&elf, &text);
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_function(&module, TEXT_ADDRESS, "first", 0);
	assert_function(&module, TEXT_ADDRESS + 0xf, "first", 0xf);
	assert_false(function_table_find(&module.functions, TEXT_ADDRESS + 0x10, &function));
	assert_function(&module, TEXT_ADDRESS + 0x20, "second", 0);
	assert_function(&module, TEXT_ADDRESS + 0x3f, "second", 0x1f);
	assert_false(function_table_find(&module.functions, TEXT_ADDRESS + 0x40, &function));
	assert_false(function_table_find(&module.functions, 0, &function));
	module_release(&module);
}

static void add_function(struct function_table_builder *builder, const char *name, uint64_t start,
			 uint64_t size_bytes)
{
	struct function_candidate candidate = {
		.start = start, .size_bytes = size_bytes, .limit = 0x1800, .preference = 1};

	assert_int_equal(function_table_builder_add(builder, &candidate, name, strlen(name)),
			 SYMBOLS_OK);
}

static uint64_t next_code(const void *context, uint64_t address)
{
	(void)context;
	return address < 0x1010 ? 0x1010 : UINT64_MAX;
}

static void test_a_function_without_a_size_ends_where_other_code_starts(void **state)
{
	static const struct {
		uint64_t address;
		const char *name;
	} expected[] = {
		{0x1000, "assembly"}, {0x100f, "assembly"}, {0x1010, NULL},    {0x11ff, NULL},
		{0x1200, "sized"},    {0x1210, "label"},    {0x123f, "label"}, {0x1240, NULL},
		{0x12ff, NULL},       {0x1300, "last"},     {0x17ff, "last"},  {0x1800, NULL},
	};
	struct function_table_builder builder;
	struct function_table table;

	(void)state;
	function_table_builder_init(&builder, 0x1000);
	builder.next_start = next_code;
	add_function(&builder, "assembly", 0x1000, 0);
	add_function(&builder, "sized", 0x1200, 0x40);
	add_function(&builder, "label", 0x1210, 0);
	add_function(&builder, "last", 0x1300, 0);
	assert_int_equal(function_table_builder_finish(&builder, &table), SYMBOLS_OK);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct function function = {.name = NULL};
		bool found = function_table_find(&table, expected[i].address, &function);

		assert_int_equal(found, expected[i].name != NULL);
		if (found)
			assert_string_equal(function.name, expected[i].name);
	}
	function_table_release(&table);
}

static void test_a_stripped_library_has_the_names_of_its_debug_file(void **state)
{
	struct module module;

	(void)state;
	if (access("/usr/lib/debug/.build-id", F_OK) != 0) {
		print_message("SKIP: no debug files of the C library (libc6-dbg)\n");
		skip();
	}
	assert_int_equal(load_file("/lib/x86_64-linux-gnu/libc.so.6", &module), SYMBOLS_OK);
	assert_true(has_function(&module, "__libc_start_call_main"));
	assert_true(has_function(&module, "abort"));
	assert_true(has_function(&module, "calloc@plt"));
	module_release(&module);
}

static void test_the_image_of_the_vdso_has_names_and_frames(void **state)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel provides an integer */
	const uint8_t *start = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	uint32_t steps_left = 1000;
	struct module module;
	struct cfi_row row;
	Elf64_Ehdr header;
	uint64_t address;

	(void)state;
	assert_non_null(start);
	memcpy(&header, start, sizeof(header));
	assert_int_equal(
		module_load_memory(start,
				   header.e_shoff + (size_t)header.e_shentsize * header.e_shnum,
				   &module),
		SYMBOLS_OK);
	assert_true(has_function(&module, "clock_gettime"));
	address = module.functions.base_address + module.functions.entries[0].start_delta;
	assert_int_equal(module_find_row(&module, address, &steps_left, &row), SYMBOLS_OK);
	module_release(&module);
}

static void test_names_compressed_into_a_stripped_file_are_read(void **state)
{
	uint8_t stored[4096];
	size_t stored_size = 0, mini_size;
	struct made_elf mini, elf;
	struct module module;
	struct text text;
	uint8_t *bytes;

	(void)state;
	make_text(&mini, &text);
	bytes = made_elf_finish(&mini, &mini_size);
	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, mini_size,
						 stored, &stored_size, sizeof(stored)),
			 LZMA_OK);
	free(bytes);
	made_elf_init(&elf);
	made_elf_add(&elf, ".gnu_debugdata", SHT_PROGBITS, stored, stored_size);
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_function(&module, TEXT_ADDRESS, "first", 0);
	module_release(&module);
}

static void test_a_decompression_bomb_is_skipped(void **state)
{
	size_t size = 48u << 20, stored_size = 0, stored_max = 1u << 20;
	uint8_t *zeros = calloc(1, size), *stored = malloc(stored_max);
	long before_kib;
	struct made_elf elf;
	struct module module;

	(void)state;
	assert_non_null(zeros);
	assert_non_null(stored);
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_NONE, NULL, zeros, size, stored,
						 &stored_size, stored_max),
			 LZMA_OK);
	free(zeros);
	before_kib = peak_memory_kib();
	made_elf_init(&elf);
	made_elf_add(&elf, ".gnu_debugdata", SHT_PROGBITS, stored, stored_size);
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_int_equal(module.functions.count, 0);
	assert_true(peak_memory_kib() - before_kib < 40 * 1024 * MEMORY_FACTOR);
	module_release(&module);
	free(stored);
}

static enum symbols_status read_source(void *context, int fd, uint64_t offset, void *buffer,
				       size_t size_bytes)
{
	(void)context;
	return elf_image_read_file(fd, offset, buffer, size_bytes);
}

static enum symbols_status measure_source(void *context, int fd, uint64_t *ret_size_bytes)
{
	struct stat status;

	(void)context;
	assert_int_equal(fstat(fd, &status), 0);
	*ret_size_bytes = (uint64_t)status.st_size;
	return SYMBOLS_OK;
}

/* How often the work may still go on. */
static bool source_has_timed_out(const void *context)
{
	const unsigned int *left = context;

	return *left == 0;
}

static bool source_may_go_on(void *context, unsigned int ends)
{
	unsigned int *left = context;

	(void)ends;
	return *left > 0 && --*left > 0;
}

#define LARGE_BYTES ((size_t)4 << 20)
#define STEPS       (LARGE_BYTES >> 18) /* in which it is decompressed */

/* A file with one section, in memory. */
static int open_made(const char *name, uint64_t flags, const void *bytes, size_t size)
{
	int fd = memfd_create("made", MFD_CLOEXEC);
	struct made_elf elf;
	size_t file_size;
	uint8_t *file;

	made_elf_init(&elf);
	made_elf_add(&elf, name, SHT_PROGBITS, bytes, size)->sh_flags = flags;
	file = made_elf_finish(&elf, &file_size);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file, file_size), file_size);
	free(file);
	return fd;
}

static int open_xz(void)
{
	uint8_t *zeros = calloc(1, LARGE_BYTES);
	uint8_t *stored = malloc(LARGE_BYTES);
	size_t size = 0;
	int fd;

	assert_true(zeros && stored);
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_NONE, NULL, zeros, LARGE_BYTES,
						 stored, &size, LARGE_BYTES),
			 LZMA_OK);
	fd = open_made(".gnu_debugdata", 0, stored, size);
	free(stored);
	free(zeros);
	return fd;
}

static int open_zlib(void)
{
	const Elf64_Chdr header = {.ch_type = ELFCOMPRESS_ZLIB, .ch_size = LARGE_BYTES};
	uint8_t *zeros = calloc(1, LARGE_BYTES);
	uint8_t *stored = malloc(LARGE_BYTES);
	uLongf size = LARGE_BYTES - sizeof(header);
	int fd;

	assert_true(zeros && stored);
	memcpy(stored, &header, sizeof(header));
	assert_int_equal(compress(stored + sizeof(header), &size, zeros, LARGE_BYTES), Z_OK);
	fd = open_made(".debug_frame", SHF_COMPRESSED, stored, sizeof(header) + size);
	free(stored);
	free(zeros);
	return fd;
}

/* Takes ownership of the file. */
static void check_decompressing(int fd)
{
	const struct module_debug_directories none = {.count = 0};
	unsigned int left = 3;
	const struct elf_source source = {read_source, measure_source, source_has_timed_out,
					  source_may_go_on, &left};
	struct elf_budget budget = {.source = &source, .left_bytes = SIZE_MAX};
	struct module module;

	assert_int_equal(module_load_within(&budget, fd, &none, &module), SYMBOLS_TIMEOUT);
	assert_true(budget.is_ended);
	assert_int_equal(budget.ends, 1);
	module_release(&module);
	left = UINT_MAX;
	budget.is_ended = false;
	assert_int_equal(module_load_within(&budget, fd, &none, &module), SYMBOLS_OK);
	assert_in_range(UINT_MAX - left, STEPS, 2 * STEPS);
	module_release(&module);
	close(fd);
}

static void test_decompressing_ends_when_its_source_says_so(void **state)
{
	(void)state;
	check_decompressing(open_xz());
	check_decompressing(open_zlib());
}

static size_t least_for_names(int fd)
{
	const struct module_debug_directories none = {.count = 0};
	size_t bytes = 0;
	bool has_names = false;

	while (!has_names) {
		struct elf_budget budget = {.left_bytes = bytes += 64u << 10};
		struct module module;

		if (module_load_within(&budget, fd, &none, &module) == SYMBOLS_OK)
			has_names = !module.lacks_names;
		module_release(&module);
	}
	return bytes;
}

/* Only what it becomes and what its decoder needs, not the most of both. */
static void test_decompressing_takes_what_it_needs(void **state)
{
	int fd = open_xz();

	(void)state;
	assert_in_range(least_for_names(fd), LARGE_BYTES, 2 * LARGE_BYTES);
	close(fd);
}

static void test_other_files_than_elf_are_foreign(void **state)
{
	struct module module;
	struct made_elf elf;

	(void)state;
	assert_int_equal(module_load_memory("#!/bin/sh\n", 10, &module), SYMBOLS_FOREIGN);
	module_release(&module);
	assert_int_equal(module_load_memory("", 0, &module), SYMBOLS_FOREIGN);
	module_release(&module);
	made_elf_init(&elf);
	elf.header.e_ident[EI_CLASS] = ELFCLASSNONE;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_FOREIGN);
	module_release(&module);
	elf.header.e_ident[EI_CLASS] = ELFCLASS64;
	elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_FOREIGN);
	module_release(&module);
}

static void test_other_files_than_regular_ones_are_refused(void **state)
{
	static const struct module_debug_directories none = {.count = 0};
	struct module module;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(module_load(ends[0], &none, &module), SYMBOLS_REFUSED);
	module_release(&module);
	close(ends[0]);
	close(ends[1]);
}

static void test_sections_beyond_the_end_are_skipped(void **state)
{
	static const uint64_t offsets[] = {1u << 20, UINT64_MAX - 10, UINT64_C(1) << 63};
	struct module module;
	struct made_elf elf;
	struct text text;

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		make_text(&elf, &text);
		made_elf_add(&elf, ".eh_frame", SHT_PROGBITS, NULL, 4096)->sh_offset = offsets[i];
		assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
		assert_int_equal(module.eh_frame.entry_count, 0);
		assert_function(&module, TEXT_ADDRESS, "first", 0);
		module_release(&module);
	}
}

static void test_a_section_table_beyond_the_end_is_corrupt(void **state)
{
	struct module module;
	struct made_elf elf;

	(void)state;
	made_elf_init(&elf);
	elf.header.e_shoff = UINT64_C(1) << 62;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_CORRUPT);
	module_release(&module);
	made_elf_init(&elf);
	elf.header.e_shnum = 4000;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_CORRUPT);
	module_release(&module);
}

static void test_more_headers_than_a_linker_makes_meet_the_limit(void **state)
{
	struct module module;
	struct made_elf elf;

	(void)state;
	made_elf_init(&elf);
	elf.header.e_shnum = 60000;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_LIMIT);
	module_release(&module);
	made_elf_init(&elf);
	elf.header.e_phnum = 60000;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_LIMIT);
	module_release(&module);
}

static void test_invalid_links_and_names_do_no_harm(void **state)
{
	struct module module;
	struct made_elf elf;
	struct text text;

	(void)state;
	make_text(&elf, &text);
	text.symbols[0].st_name = UINT32_MAX;
	text.symbols[1].st_shndx = 0xfeff;
	text.symbols[2].st_value = UINT64_MAX;
	elf.sections[1].sh_name = UINT32_MAX;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_int_equal(module.functions.count, 1);
	module_release(&module);
	make_text(&elf, &text);
	elf.sections[3].sh_link = 77;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_int_equal(module.functions.count, 0);
	module_release(&module);
}

static void test_a_million_symbols_cost_bounded_time_and_memory(void **state)
{
	size_t count = 1000000;
	Elf64_Sym *symbols = calloc(count, sizeof(*symbols));
	long before_kib;
	double start;
	struct module module;
	struct made_elf elf;
	struct text text;

	(void)state;
	assert_non_null(symbols);
	make_text(&elf, &text);
	for (size_t i = 0; i < count; i++) {
		symbols[i] = text.symbols[0];
		symbols[i].st_value = TEXT_ADDRESS + i;
	}
	elf.contents[3] = symbols;
	elf.sections[3].sh_size = count * sizeof(*symbols);
	before_kib = peak_memory_kib();
	start = seconds();
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	print_message("%.3f s\n", seconds() - start);
	assert_true(seconds() - start < 2 * MEMORY_FACTOR);
	assert_true(peak_memory_kib() - before_kib < 100 * 1024 * MEMORY_FACTOR);
	assert_int_equal(module.functions.count, 0);
	module_release(&module);
	free(symbols);
}

/* A sparse file can be larger than its disk. */
static void test_sections_of_a_huge_sparse_file_are_not_read(void **state)
{
	static const struct module_debug_directories none = {.count = 0};
	char path[] = "/tmp/test_module.XXXXXX";
	int fd = mkstemp(path);
	struct module module;
	struct made_elf elf;
	struct text text;
	uint8_t *bytes;
	size_t size;
	double start = seconds();

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	make_text(&elf, &text);
	elf.contents[3] = NULL;
	elf.sections[3].sh_offset = 4096;
	elf.sections[3].sh_size = UINT64_C(1) << 40;
	made_elf_add(&elf, ".eh_frame", SHT_PROGBITS, NULL, UINT64_C(1) << 40)->sh_offset = 4096;
	bytes = made_elf_finish(&elf, &size);
	assert_int_equal(write(fd, bytes, size), size);
	free(bytes);
	assert_int_equal(ftruncate(fd, INT64_C(2) << 40), 0);
	assert_int_equal(module_load(fd, &none, &module), SYMBOLS_OK);
	assert_true(seconds() - start < 1);
	assert_int_equal(module.functions.count, 0);
	assert_int_equal(module.eh_frame.entry_count, 0);
	module_release(&module);
	close(fd);
}

static void test_a_compressed_section_with_a_wrong_size_is_skipped(void **state)
{
	Elf64_Chdr stored[4] = {{.ch_type = ELFCOMPRESS_ZLIB, .ch_size = UINT64_C(1) << 40}};
	struct module module;
	struct made_elf elf;

	(void)state;
	made_elf_init(&elf);
	made_elf_add(&elf, ".debug_frame", SHT_PROGBITS, stored, sizeof(stored))->sh_flags =
		SHF_COMPRESSED;
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_int_equal(module.debug_frame.entry_count, 0);
	module_release(&module);
}

static void test_a_debug_link_is_never_followed(void **state)
{
	char directory[] = "/tmp/test_module.XXXXXX";
	char path[64];
	struct module module;
	struct made_elf elf;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	made_elf_init(&elf);
	made_elf_add(&elf, ".gnu_debuglink", SHT_PROGBITS, path, sizeof(path));
	/* Opening the pipe would wait for ever. */
	(void)alarm(60);
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	(void)alarm(0);
	module_release(&module);
	unlink(path);
	rmdir(directory);
}

/* With too little, a file has no names, and with less it is not loaded. The smallest budget for all
 * of it lies between what it holds then and a few times that. */
static void test_a_file_beyond_the_budget_is_refused(void **state)
{
	const struct module_debug_directories none = {.count = 0};
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct module module;
	size_t held_bytes, least_bytes = 0, refused = 0, nameless = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(module_load(fd, &none, &module), SYMBOLS_OK);
	held_bytes = module.memory_bytes - sizeof(module);
	assert_true(module.functions.count > 0 && module.eh_frame.entry_count > 0);
	module_release(&module);
	for (size_t bytes = 0; least_bytes == 0; bytes += held_bytes / 16 + 1) {
		struct elf_budget budget = {.left_bytes = bytes};
		enum symbols_status status = module_load_within(&budget, fd, &none, &module);

		assert_true(status == SYMBOLS_OK || status == SYMBOLS_MEMORY_LIMIT);
		assert_int_equal(module.status, status);
		assert_int_equal(module.eh_frame.entry_count > 0, status == SYMBOLS_OK);
		assert_int_equal(module.functions.count > 0,
				 status == SYMBOLS_OK && !module.lacks_names);
		if (status == SYMBOLS_OK)
			assert_int_equal(budget.left_bytes + module.memory_bytes,
					 bytes + sizeof(module));
		refused += status != SYMBOLS_OK;
		nameless += status == SYMBOLS_OK && module.lacks_names;
		if (status == SYMBOLS_OK && !module.lacks_names)
			least_bytes = bytes;
		module_release(&module);
	}
	assert_true(refused > 0 && nameless > 0);
	assert_in_range(least_bytes, held_bytes, 32 * held_bytes);
	close(fd);
}

static void test_a_file_truncated_anywhere_does_no_harm(void **state)
{
	struct made_elf elf;
	struct text text;
	uint8_t *bytes;
	size_t size;

	(void)state;
	make_text(&elf, &text);
	bytes = made_elf_finish(&elf, &size);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *shorter = malloc(cut + 1);
		struct module module;

		assert_non_null(shorter);
		memcpy(shorter, bytes, cut);
		assert_int_not_equal(module_load_memory(shorter, cut, &module), SYMBOLS_OK);
		module_release(&module);
		free(shorter);
	}
	free(bytes);
}

/* The first table has one relocation, but not of a slot. The second is too small for one. */
static void test_relocations_without_a_slot_do_no_harm(void **state)
{
	static const Elf64_Rela other = {.r_info = ELF64_R_INFO(1, R_X86_64_RELATIVE)};
	static const uint8_t code[16] = {0};
	struct made_elf elf;
	struct text text;
	struct module module;

	(void)state;
	make_text(&elf, &text);
	made_elf_add(&elf, ".plt", SHT_PROGBITS, code, sizeof(code));
	made_elf_add(&elf, ".rela.plt", SHT_RELA, &other, sizeof(other));
	made_elf_add(&elf, ".rela.dyn", SHT_RELA, &other, sizeof(other) - 1);
	assert_int_equal(load_made(&elf, &module), SYMBOLS_OK);
	assert_function(&module, TEXT_ADDRESS, "first", 0);
	module_release(&module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_are_named_and_gaps_between_them_are_not),
		cmocka_unit_test(test_a_function_without_a_size_ends_where_other_code_starts),
		cmocka_unit_test(test_a_stripped_library_has_the_names_of_its_debug_file),
		cmocka_unit_test(test_the_image_of_the_vdso_has_names_and_frames),
		cmocka_unit_test(test_names_compressed_into_a_stripped_file_are_read),
		cmocka_unit_test(test_a_decompression_bomb_is_skipped),
		cmocka_unit_test(test_decompressing_ends_when_its_source_says_so),
		cmocka_unit_test(test_decompressing_takes_what_it_needs),
		cmocka_unit_test(test_other_files_than_elf_are_foreign),
		cmocka_unit_test(test_other_files_than_regular_ones_are_refused),
		cmocka_unit_test(test_sections_beyond_the_end_are_skipped),
		cmocka_unit_test(test_a_section_table_beyond_the_end_is_corrupt),
		cmocka_unit_test(test_more_headers_than_a_linker_makes_meet_the_limit),
		cmocka_unit_test(test_invalid_links_and_names_do_no_harm),
		cmocka_unit_test(test_a_million_symbols_cost_bounded_time_and_memory),
		cmocka_unit_test(test_sections_of_a_huge_sparse_file_are_not_read),
		cmocka_unit_test(test_a_compressed_section_with_a_wrong_size_is_skipped),
		cmocka_unit_test(test_relocations_without_a_slot_do_no_harm),
		cmocka_unit_test(test_a_debug_link_is_never_followed),
		cmocka_unit_test(test_a_file_beyond_the_budget_is_refused),
		cmocka_unit_test(test_a_file_truncated_anywhere_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
