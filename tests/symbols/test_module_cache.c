/* tests/symbols/test_module_cache.c - symbols/module_cache.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/module_cache.h"

static const char library[] = "/lib/x86_64-linux-gnu/libc.so.6";

struct opener {
	unsigned int opened;
	pid_t reachable_pid; /* 0: all */
};

static enum symbols_status open_library(void *context, pid_t pid, const struct mapping *mapping,
					int *ret_fd)
{
	struct opener *opener = context;

	(void)mapping;
	opener->opened++;
	if (opener->reachable_pid && pid != opener->reachable_pid)
		return SYMBOLS_NOT_FOUND;
	*ret_fd = open(library, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? SYMBOLS_IO : SYMBOLS_OK;
}

static struct module_cache *new_cache_with_max(struct opener *opener, size_t memory_limit_bytes,
					       size_t max_bytes)
{
	const struct module_cache_options options = {
		.memory_limit_bytes = memory_limit_bytes,
		.memory_max_bytes = max_bytes,
		.open = open_library,
		.open_context = opener,
	};
	struct module_cache *cache;

	assert_int_equal(module_cache_new(&options, &cache), SYMBOLS_OK);
	return cache;
}

static struct module_cache *new_cache_with_large(struct opener *opener, size_t memory_limit_bytes,
						 size_t large_bytes_max)
{
	const struct module_cache_options options = {
		.memory_limit_bytes = memory_limit_bytes,
		.large_bytes_max = large_bytes_max,
		.open = open_library,
		.open_context = opener,
	};
	struct module_cache *cache;

	assert_int_equal(module_cache_new(&options, &cache), SYMBOLS_OK);
	return cache;
}

static struct module_cache *new_cache(struct opener *opener, size_t memory_limit_bytes)
{
	return new_cache_with_large(opener, memory_limit_bytes, 0);
}

static const struct module *get(struct module_cache *cache, pid_t pid, uint64_t inode)
{
	const struct file_identity identity = {.inode = inode};
	struct mapping mapping = {.start = 0x1000, .end = 0x2000};
	const struct module *module;

	mapping.file = mapped_file_new(&identity, library, 0);
	assert_non_null(mapping.file);
	module = module_cache_get(cache, pid, &mapping);
	mapped_file_release(mapping.file);
	return module;
}

static bool reads_code(struct module_cache *cache, uint64_t inode)
{
	const struct file_identity identity = {.inode = inode};
	struct mapping mapping = {.start = 0x10000, .end = 0x11000};
	struct mappings mappings;
	uint8_t bytes[4];
	bool done;

	mappings_init(&mappings, 1);
	mapping.file = mapped_file_new(&identity, library, 0);
	assert_non_null(mapping.file);
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_OK);
	mapped_file_release(mapping.file);
	done = module_cache_read(cache, &mappings, 0x10000, bytes, sizeof(bytes));
	mappings_release(&mappings);
	return done;
}

static void test_code_is_read_by_its_address(void **state)
{
	const struct file_identity identity = {.inode = 1};
	struct mapping mapping = {.start = 0x10000, .end = 0x11000, .file_offset = 0};
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);
	struct mappings mappings;
	uint8_t bytes[4];

	(void)state;
	mappings_init(&mappings, 1);
	mapping.file = mapped_file_new(&identity, library, 0);
	assert_non_null(mapping.file);
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_OK);
	mapped_file_release(mapping.file);
	mapping = (struct mapping){.start = 0x20000, .end = 0x21000, .kind = MAPPING_ANONYMOUS};
	assert_int_equal(mappings_add(&mappings, &mapping), SYMBOLS_OK);
	assert_true(module_cache_read(cache, &mappings, 0x10001, bytes, 3));
	assert_memory_equal(bytes, "ELF", 3);
	assert_true(module_cache_read(cache, &mappings, 0x10ffc, bytes, 4));
	assert_false(module_cache_read(cache, &mappings, 0x10ffd, bytes, 4));
	assert_false(module_cache_read(cache, &mappings, 0xffff, bytes, 1));
	assert_false(module_cache_read(cache, &mappings, 0x20000, bytes, 1));
	opener.reachable_pid = 2;
	assert_false(module_cache_read(cache, &mappings, 0x10001, bytes, 3));
	mappings_release(&mappings);
	module_cache_free(cache);
}

static struct module_cache_statistics statistics_of(const struct module_cache *cache)
{
	struct module_cache_statistics statistics;

	module_cache_get_statistics(cache, &statistics);
	return statistics;
}

static void test_a_file_is_loaded_once_for_all_processes(void **state)
{
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);
	const struct module *module = get(cache, 1, 10);

	(void)state;
	assert_non_null(module);
	assert_int_equal(module->status, SYMBOLS_OK);
	for (pid_t pid = 2; pid < 100; pid++)
		assert_ptr_equal(get(cache, pid, 10), module);
	assert_ptr_not_equal(get(cache, 1, 11), module);
	assert_int_equal(opener.opened, 2);
	assert_int_equal(statistics_of(cache).loaded, 2);
	module_cache_free(cache);
}

static void test_modules_beyond_the_budget_are_evicted_oldest_first(void **state)
{
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, 0);
	const struct module *newest;
	size_t each;

	(void)state;
	get(cache, 1, 1);
	each = statistics_of(cache).memory_bytes;
	module_cache_trim(cache);
	assert_int_equal(statistics_of(cache).memory_bytes, 0);
	module_cache_free(cache);

	cache = new_cache(&opener, 3 * each);
	for (uint64_t inode = 1; inode <= 3; inode++)
		get(cache, 1, inode);
	newest = get(cache, 1, 1); /* used again: now 2 is the oldest */
	get(cache, 1, 4);
	assert_int_equal(statistics_of(cache).module_count, 4);
	module_cache_trim(cache);
	assert_int_equal(statistics_of(cache).module_count, 3);
	assert_int_equal(statistics_of(cache).evicted, 1);
	opener.opened = 0;
	assert_ptr_equal(get(cache, 1, 1), newest);
	assert_int_equal(opener.opened, 0);
	get(cache, 1, 2);
	assert_int_equal(opener.opened, 1);
	module_cache_free(cache);
}

static void test_the_large_module_that_was_used_last_is_kept_besides(void **state)
{
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);
	const struct module *newest;
	size_t each;

	(void)state;
	get(cache, 1, 1);
	each = statistics_of(cache).memory_bytes;
	module_cache_free(cache);

	cache = new_cache_with_large(&opener, each, each);
	for (uint64_t inode = 1; inode <= 3; inode++)
		newest = get(cache, 1, inode);
	module_cache_trim(cache);
	assert_int_equal(statistics_of(cache).module_count, 2);
	opener.opened = 0;
	assert_ptr_equal(get(cache, 1, 3), newest);
	get(cache, 1, 2);
	assert_int_equal(opener.opened, 0);
	module_cache_free(cache);

	cache = new_cache_with_large(&opener, each, each - 1); /* too large */
	for (uint64_t inode = 1; inode <= 3; inode++)
		get(cache, 1, inode);
	module_cache_trim(cache);
	assert_int_equal(statistics_of(cache).module_count, 1);
	module_cache_free(cache);
}

#define MAX_FILES       8u
#define ENTRY_MAX_BYTES 4096u /* which is not refused */

static bool is_whole(const struct module *module)
{
	return module->status == SYMBOLS_OK && !module->lacks_names;
}

/* As if one stack had frames in hundreds of large files. */
static void test_memory_has_a_limit_while_files_are_loaded(void **state)
{
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, 0);
	size_t loaded = 0;
	size_t each;

	(void)state;
	get(cache, 1, 1);
	each = statistics_of(cache).memory_bytes;
	module_cache_free(cache);

	cache = new_cache_with_max(&opener, 0, MAX_FILES * each);
	for (uint64_t inode = 1; inode <= 100; inode++)
		loaded += is_whole(get(cache, 1, inode));
	/* Loading takes more for a short time than what is held after it. */
	assert_in_range(loaded, MAX_FILES / 2, MAX_FILES);
	assert_int_equal(get(cache, 1, 1)->status, SYMBOLS_OK);
	assert_int_equal(get(cache, 1, 100)->status, SYMBOLS_MEMORY_LIMIT);
	assert_int_equal(statistics_of(cache).loaded, loaded);
	assert_int_equal(statistics_of(cache).refused, 100 - loaded);
	assert_true(statistics_of(cache).memory_bytes <= MAX_FILES * each + 100 * ENTRY_MAX_BYTES);
	/* In the same stack, a refused file is not tried again. */
	opener.opened = 0;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(get(cache, 1, 100)->status, SYMBOLS_MEMORY_LIMIT);
	assert_int_equal(opener.opened, 0);
	/* The next stack has room. */
	module_cache_trim(cache);
	assert_int_equal(get(cache, 1, 100)->status, SYMBOLS_OK);
	module_cache_free(cache);
}

/* A file that can never fit is not read for each stack. */
static void test_a_file_is_tried_again_only_with_more_room(void **state)
{
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache_with_max(&opener, 64u << 10, 64u << 10);

	(void)state;
	for (pid_t pid = 1; pid < 100; pid++) {
		assert_int_equal(get(cache, pid, 10)->status, SYMBOLS_MEMORY_LIMIT);
		module_cache_trim(cache);
	}
	assert_int_equal(opener.opened, 1);
	assert_int_equal(statistics_of(cache).refused, 1);
	module_cache_free(cache);
}

/* Stops each load that was ended less than twice. */
struct impatient {
	bool has_timed_out;
};

static enum symbols_status read_source(void *context, int fd, uint64_t offset, void *buffer,
				       size_t size_bytes)
{
	(void)context;
	assert_true(size_bytes <= ELF_IMAGE_PART_BYTES);
	return elf_image_read_file(fd, offset, buffer, size_bytes);
}

static enum symbols_status measure_source(void *context, int fd, uint64_t *ret_size_bytes)
{
	struct impatient *impatient = context;
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	*ret_size_bytes = (uint64_t)status.st_size;
	impatient->has_timed_out = false;
	return SYMBOLS_OK;
}

static bool source_has_timed_out(const void *context)
{
	return ((const struct impatient *)context)->has_timed_out;
}

static bool source_may_go_on(void *context, unsigned int ends)
{
	struct impatient *impatient = context;

	impatient->has_timed_out = impatient->has_timed_out || ends < 2;
	return !impatient->has_timed_out;
}

/* However often stacks of others are urgent, it is loaded at last. Its code can be read meanwhile.
 */
static void test_a_load_is_not_ended_for_ever(void **state)
{
	struct opener opener = {.opened = 0};
	struct impatient impatient = {.has_timed_out = false};
	const struct elf_source source = {read_source, measure_source, source_has_timed_out,
					  source_may_go_on, &impatient};
	const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.open = open_library,
		.open_context = &opener,
		.source = &source,
	};
	struct module_cache *cache;

	(void)state;
	assert_int_equal(module_cache_new(&options, &cache), SYMBOLS_OK);
	for (int stack = 0; stack < 2; stack++) {
		assert_int_equal(get(cache, 1, 10)->status, SYMBOLS_TIMEOUT);
		assert_int_equal(get(cache, 1, 10)->status, SYMBOLS_TIMEOUT);
		module_cache_trim(cache);
	}
	assert_int_equal(opener.opened, 2);
	assert_int_equal(get(cache, 1, 10)->status, SYMBOLS_OK);
	assert_int_equal(get(cache, 1, 11)->status, SYMBOLS_TIMEOUT);
	assert_int_equal(statistics_of(cache).loaded, 1);
	assert_true(reads_code(cache, 10));
	module_cache_free(cache);
}

static void test_a_file_out_of_reach_is_tried_again_for_another_process(void **state)
{
	struct opener opener = {.reachable_pid = 3};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);

	(void)state;
	assert_int_equal(get(cache, 1, 10)->status, SYMBOLS_NOT_FOUND);
	assert_int_equal(get(cache, 1, 10)->status, SYMBOLS_NOT_FOUND);
	assert_int_equal(opener.opened, 1);
	assert_int_equal(get(cache, 3, 10)->status, SYMBOLS_OK);
	assert_int_equal(opener.opened, 2);
	assert_int_equal(statistics_of(cache).failed, 1);
	module_cache_free(cache);
}

static void test_a_file_that_stays_out_of_reach_is_not_tried_again(void **state)
{
	struct opener opener = {.reachable_pid = 100000};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);

	(void)state;
	for (pid_t pid = 1; pid < 1000; pid++)
		assert_int_equal(get(cache, pid, 10)->status, SYMBOLS_NOT_FOUND);
	assert_int_equal(opener.opened, MODULE_CACHE_ATTEMPTS_MAX);
	module_cache_free(cache);
}

static void test_many_files_out_of_reach_stay_within_the_budget(void **state)
{
	struct opener opener = {.reachable_pid = 100000};
	struct module_cache *cache = new_cache(&opener, 1u << 20);

	(void)state;
	for (uint64_t inode = 1; inode < 5000; inode++) {
		get(cache, 1, inode);
		module_cache_trim(cache);
		assert_true(statistics_of(cache).memory_bytes <= 1u << 20);
	}
	assert_true(statistics_of(cache).module_count < 1000);
	module_cache_free(cache);
}

static void test_a_file_with_another_build_id_than_the_mapping_is_refused(void **state)
{
	const struct file_identity identity = {.build_id = {1, 2, 3}, .build_id_bytes = 20};
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);
	struct mapping mapping = {.start = 0x1000, .end = 0x2000};
	const struct module *module;

	(void)state;
	mapping.file = mapped_file_new(&identity, library, 0);
	assert_non_null(mapping.file);
	module = module_cache_get(cache, 1, &mapping);
	assert_int_equal(module->status, SYMBOLS_REFUSED);
	assert_int_equal(module->functions.count, 0);
	mapped_file_release(mapping.file);
	module_cache_free(cache);
}

static void test_mappings_without_a_file_have_no_module(void **state)
{
	const struct mapping anonymous = {.end = 1, .kind = MAPPING_ANONYMOUS};
	const struct mapping vdso = {.start = UINT64_C(1) << 46,
				     .end = (UINT64_C(1) << 46) + 8192,
				     .kind = MAPPING_VDSO};
	struct opener opener = {.opened = 0};
	struct module_cache *cache = new_cache(&opener, MODULE_CACHE_MEMORY_BYTES);

	(void)state;
	assert_null(module_cache_get(cache, 1, &anonymous));
	assert_null(get(cache, 1, 0)); /* the file has no identity */
	assert_int_equal(module_cache_get(cache, 1, &vdso)->status, SYMBOLS_OK);
	assert_int_equal(opener.opened, 0);
	module_cache_free(cache);
}

static void test_32_bit_processes_have_another_vdso(void **state)
{
	const struct mapping vdso = {.start = 0xf7fc0000, .end = 0xf7fc2000, .kind = MAPPING_VDSO};
	const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.with_32bit = true,
	};
	struct module_cache *cache;
	const struct module *module;
	struct function function;
	uint64_t offset = 0;

	(void)state;
	assert_int_equal(module_cache_new(&options, &cache), SYMBOLS_OK);
	module = module_cache_get(cache, 1, &vdso);
	if (module->status == SYMBOLS_NOT_FOUND) {
		module_cache_free(cache);
		skip(); /* a kernel without 32-bit processes */
	}
	assert_int_equal(module->status, SYMBOLS_OK);
	assert_int_equal(module->image.machine, EM_386);
	while (offset < 8192 && (!module_find_function(module, offset, &function) ||
				 strcmp(function.name, "__kernel_vsyscall") != 0))
		offset++;
	assert_true(offset < 8192);
	module_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code_is_read_by_its_address),
		cmocka_unit_test(test_a_file_is_loaded_once_for_all_processes),
		cmocka_unit_test(test_modules_beyond_the_budget_are_evicted_oldest_first),
		cmocka_unit_test(test_the_large_module_that_was_used_last_is_kept_besides),
		cmocka_unit_test(test_memory_has_a_limit_while_files_are_loaded),
		cmocka_unit_test(test_a_file_is_tried_again_only_with_more_room),
		cmocka_unit_test(test_a_load_is_not_ended_for_ever),
		cmocka_unit_test(test_a_file_out_of_reach_is_tried_again_for_another_process),
		cmocka_unit_test(test_a_file_that_stays_out_of_reach_is_not_tried_again),
		cmocka_unit_test(test_many_files_out_of_reach_stay_within_the_budget),
		cmocka_unit_test(test_a_file_with_another_build_id_than_the_mapping_is_refused),
		cmocka_unit_test(test_mappings_without_a_file_have_no_module),
		cmocka_unit_test(test_32_bit_processes_have_another_vdso),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
