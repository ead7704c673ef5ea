/* tests/symbols/test_unwind.c - symbols/unwind.c, with deaths of programs and damaged stacks */
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
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/symbolizer.h"
#include "symbols/unwind.h"
#include "tests/symbols/death.h"

#define STACK_BYTES 16384u

struct chain {
	struct module_cache *cache;
	struct death death;
	struct unwind_result result;
	const char *unlink_path; /* removed before the stack is unwound */
};

static void new_cache(struct chain *chain)
{
	static const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
	};

	assert_int_equal(module_cache_new(&options, &chain->cache), SYMBOLS_OK);
}

static void follow(struct chain *chain)
{
	const struct unwind_input input = {
		.layout = registers_native(),
		.registers = chain->death.registers,
		.stack = chain->death.copy,
		.mappings = &chain->death.mappings,
	};

	unwind(chain->cache, &input, &chain->result);
}

static void follow_at_death(void *context, struct death *death)
{
	struct chain *chain = context;

	(void)death;
	if (chain->unlink_path)
		unlink(chain->unlink_path);
	follow(chain);
}

/* Runs PROGRAM WAY with a copy of `stack_bytes` of its stack. The caller must call free_chain(). */
static struct chain *die(const char *program, const char *way, size_t stack_bytes,
			 const char *unlink_path)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	char *argv[] = {strdup(program), strdup(way), NULL};

	assert_non_null(chain);
	new_cache(chain);
	chain->unlink_path = unlink_path;
	assert_true(death_watch(argv, stack_bytes, follow_at_death, chain, &chain->death));
	free(argv[0]);
	free(argv[1]);
	return chain;
}

static void free_chain(struct chain *chain)
{
	death_release(&chain->death);
	module_cache_free(chain->cache);
	free(chain);
}

static const char *name_of(const struct chain *chain, size_t frame)
{
	struct symbol symbol;

	symbolizer_name(&chain->result.frames[frame], NULL, &symbol);
	return symbol.name ? symbol.name : "?";
}

static size_t find_frame(const struct chain *chain, const char *name)
{
	size_t i = 0;

	while (i < chain->result.count && strcmp(name_of(chain, i), name) != 0)
		i++;
	return i;
}

/* Asserts that the chain has these functions, one after the other. */
static void assert_part(const struct chain *chain, const char *const *names)
{
	size_t at = find_frame(chain, names[0]);

	for (size_t i = 0; names[i]; i++) {
		if (at + i >= chain->result.count || strcmp(name_of(chain, at + i), names[i]) != 0)
			print_message("frame %zu: %s is not there\n", at + i, names[i]);
		assert_true(at + i < chain->result.count);
		assert_string_equal(name_of(chain, at + i), names[i]);
	}
}

#define ASSERT_PART(chain, ...) assert_part((chain), (const char *const[]){__VA_ARGS__, NULL})

static void test_the_chain_out_of_abort_names_the_library_that_called_it(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "abort", STACK_BYTES, NULL);

	(void)state;
	assert_true(WIFSIGNALED(chain->death.status));
	ASSERT_PART(chain, "abort", "third_abort", "third_find", "third_check", "second_prepare",
		    "second_work", "first_start", "main");
	assert_string_equal(name_of(chain, chain->result.count - 1), "_start");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_a_signal_handler_leads_to_the_interrupted_code(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "handler", STACK_BYTES, NULL);
	size_t at;

	(void)state;
	ASSERT_PART(chain, "abort", "abort_handler");
	at = find_frame(chain, "third_read_null");
	assert_true(at > 1 && at < chain->result.count);
	assert_int_equal(chain->result.frames[at - 1].kind, UNWIND_FRAME_SIGNAL);
	assert_int_equal(chain->result.frames[at].kind, UNWIND_FRAME_EXACT);
	ASSERT_PART(chain, "third_read_null", "third_abort_in_handler", "third_find");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_a_call_to_nowhere_leads_to_its_caller(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "jump-null", STACK_BYTES, NULL);

	(void)state;
	assert_int_equal(chain->result.frames[0].kind, UNWIND_FRAME_UNMAPPED);
	assert_int_equal(chain->result.frames[0].pc, 0);
	ASSERT_PART(chain, "third_jump_null", "third_find", "third_check");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_frames_behind_jit_code_are_marked(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "made-code", STACK_BYTES, NULL);
	size_t at;

	(void)state;
	at = find_frame(chain, "third_abort_below_made_code");
	assert_true(at > 1 && at < chain->result.count);
	assert_int_equal(chain->result.frames[at].kind, UNWIND_FRAME_POINTER);
	assert_int_equal(chain->result.frames[at - 1].mapping->kind, MAPPING_ANONYMOUS);
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

#define NOCFI DEATH_DIRECTORY "/death-nocfi"

static void test_code_without_call_frame_information_is_followed(void **state)
{
	static const char *const ways[] = {"crash", "abort", "exit"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct chain *chain = die(NOCFI, ways[i], STACK_BYTES, NULL);

		if (i == 0)
			assert_string_equal(name_of(chain, 0), "bare_crash");
		ASSERT_PART(chain, "bare_inner", "bare_outer", "main");
		assert_int_equal(chain->result.frames[find_frame(chain, "main")].kind,
				 UNWIND_FRAME_POINTER);
		assert_string_equal(name_of(chain, chain->result.count - 1), "_start");
		assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
		free_chain(chain);
	}
}

static void test_assembly_without_frame_pointers_is_followed(void **state)
{
	struct chain *chain = die(NOCFI, "assembly", STACK_BYTES, NULL);

	(void)state;
	assert_string_equal(name_of(chain, 0), "assembly_leaf");
	ASSERT_PART(chain, "assembly_leaf", "assembly_without_size", "bare_inner", "bare_outer",
		    "main");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_a_call_of_data_leads_to_its_caller(void **state)
{
	struct chain *chain = die(NOCFI, "data", STACK_BYTES, NULL);

	(void)state;
	assert_int_equal(chain->result.frames[0].kind, UNWIND_FRAME_UNMAPPED);
	ASSERT_PART(chain, "bare_call_data", "bare_inner", "bare_outer", "main");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_words_that_are_no_return_addresses_stay_out(void **state)
{
	struct chain *chain = die(NOCFI, "garbage", STACK_BYTES, NULL);

	(void)state;
	assert_int_equal(chain->result.count, 1);
	assert_string_equal(name_of(chain, 0), "assembly_garbage");
	assert_int_equal(chain->result.end, UNWIND_END_NO_INFORMATION);
	free_chain(chain);
}

static void test_a_stack_of_three_hundred_frames_is_whole(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "deep", STACK_BYTES, NULL);
	size_t descents = 0;

	(void)state;
	for (size_t i = 0; i < chain->result.count; i++)
		descents += strncmp(name_of(chain, i), "descend", 7) == 0;
	assert_int_equal(descents, 300);
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_a_stack_deeper_than_its_copy_ends_truncated(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "deep", 2048, NULL);

	(void)state;
	assert_true(chain->result.count > 20);
	assert_true(chain->result.count < 300);
	assert_string_equal(name_of(chain, chain->result.count - 1), "descend");
	assert_int_equal(chain->result.end, UNWIND_END_TRUNCATED);
	free_chain(chain);
}

static void test_a_stack_that_overflowed_has_its_innermost_frames(void **state)
{
	struct chain *chain = die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "overflow",
				  2 * STACK_BYTES, NULL);

	(void)state;
	assert_true(chain->result.count > 100);
	for (size_t i = 0; i < chain->result.count; i++)
		assert_string_equal(name_of(chain, i), "overflow");
	assert_int_equal(chain->result.end, UNWIND_END_TRUNCATED);
	free_chain(chain);
}

static void test_code_interrupted_by_a_handler_on_another_stack_is_named(void **state)
{
	struct chain *chain = die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "alternate-stack",
				  STACK_BYTES, NULL);

	(void)state;
	assert_string_equal(name_of(chain, chain->result.count - 1), "third_read_null");
	assert_int_equal(chain->result.end, UNWIND_END_OTHER_STACK);
	free_chain(chain);
}

static void test_more_frames_than_are_kept_end_too_deep(void **state)
{
	struct chain *chain = die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "deeper",
				  DEATH_STACK_MAX_BYTES, NULL);

	(void)state;
	assert_int_equal(chain->result.count, UNWIND_FRAMES_MAX);
	assert_int_equal(chain->result.end, UNWIND_END_TOO_DEEP);
	free_chain(chain);
}

static void copy_file(const char *from, const char *to)
{
	static char buffer[65536];
	FILE *in = fopen(from, "rbe");
	FILE *out = fopen(to, "wbe");
	size_t got;

	assert_non_null(in);
	assert_non_null(out);
	while ((got = fread(buffer, 1, sizeof(buffer), in)) > 0)
		assert_int_equal(fwrite(buffer, 1, got, out), got);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(to, 0700), 0);
}

static void test_a_program_that_was_deleted_while_it_ran_has_its_names(void **state)
{
	char path[] = "/tmp/test_unwind.XXXXXX";
	struct chain *chain;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	copy_file(DEATH_DIRECTORY "/death-nofp-symbols-static", path);
	chain = die(path, "abort", STACK_BYTES, path);
	assert_int_not_equal(access(path, F_OK), 0);
	ASSERT_PART(chain, "abort", "third_abort", "third_find", "third_check");
	assert_int_equal(chain->result.end, UNWIND_END_COMPLETE);
	free_chain(chain);
}

static void test_another_file_under_the_same_path_gives_no_names(void **state)
{
	char path[] = "/tmp/test_unwind.XXXXXX";
	struct chain *chain;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	copy_file(DEATH_DIRECTORY "/death-nofp-symbols-static", path);
	chain = die(path, "abort", STACK_BYTES, NULL);
	unlink(path);
	copy_file(DEATH_DIRECTORY "/death-fp-symbols-static", path);
	module_cache_free(chain->cache);
	new_cache(chain);
	follow(chain);
	assert_int_equal(chain->result.count, 1);
	assert_int_equal(chain->result.end, UNWIND_END_NO_INFORMATION);
	assert_string_equal(name_of(chain, 0), "?");
	assert_int_equal(chain->result.frames[0].module->status, SYMBOLS_REFUSED);
	unlink(path);
	free_chain(chain);
}

/* The properties of every chain, for any program. */
static void assert_valid(const struct chain *chain, const char *program, const char *way)
{
	const struct unwind_result *result = &chain->result;
	size_t i;

	assert_true(result->count > 0);
	for (i = 1; i < result->count; i++) {
		if (!result->frames[i].mapping)
			fail_msg("%s %s: frame %zu lies nowhere", program, way, i);
	}
	if (result->end == UNWIND_END_BAD_ADDRESS && strcmp(way, "smash") == 0)
		return;
	if (result->end != UNWIND_END_COMPLETE && result->end != UNWIND_END_TRUNCATED &&
	    result->end != UNWIND_END_TOO_DEEP && result->end != UNWIND_END_OTHER_STACK)
		fail_msg("%s %s: %s", program, way, unwind_end_phrase(result->end));
}

/* Reads the output of the program: one word a line. */
static void list_ways(const char *program, char *ways, size_t size)
{
	FILE *output = popen(program, "re");
	size_t used;

	assert_non_null(output);
	used = fread(ways, 1, size - 1, output);
	ways[used] = '\0';
	assert_int_equal(pclose(output), 0);
}

static size_t die_in_every_way(const char *program)
{
	char ways[1024], *rest = ways, *way;
	size_t count = 0;

	list_ways(program, ways, sizeof(ways));
	while ((way = strsep(&rest, "\n")) != NULL && way[0]) {
		struct chain *chain = die(program, way, STACK_BYTES, NULL);

		assert_valid(chain, program, way);
		free_chain(chain);
		count++;
	}
	return count;
}

static void test_no_death_of_any_program_leads_outside_of_code(void **state)
{
	static const char *const frames[] = {"fp", "nofp"};
	static const char *const names[] = {"symbols", "stripped"};
	static const char *const links[] = {"dynamic", "static", "bare"};
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		char program[512];

		snprintf(program, sizeof(program), "%s/death-%s-%s-%s", DEATH_DIRECTORY,
			 frames[i % 2], names[i / 2 % 2], links[i / 4]);
		count += die_in_every_way(program);
	}
	print_message("%zu deaths\n", count);
	assert_true(count >= 12 * 20);
}

/* A static program has the same chain with and without .eh_frame_hdr. */
static void test_a_program_without_a_table_of_frames_has_the_same_chain(void **state)
{
	struct chain *with =
		die(DEATH_DIRECTORY "/death-nofp-symbols-static", "exit", STACK_BYTES, NULL);
	struct chain *without =
		die(DEATH_DIRECTORY "/death-nofp-symbols-bare", "exit", STACK_BYTES, NULL);

	(void)state;
	assert_true(with->result.count > 10);
	assert_int_equal(with->result.count, without->result.count);
	for (size_t i = 0; i < with->result.count; i++)
		assert_string_equal(name_of(with, i), name_of(without, i));
	free_chain(with);
	free_chain(without);
}

static void test_a_stack_of_random_values_ends(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "deep", STACK_BYTES, NULL);
	size_t words = chain->death.copy.size_bytes / sizeof(uint64_t);

	(void)state;
	srandom(1);
	for (int round = 0; round < 3000; round++) {
		for (int i = 0; i < 20; i++) {
			/* Values that look like stack addresses are the worst case. */
			uint64_t value =
				chain->death.copy.address + (uint64_t)random() % STACK_BYTES;
			size_t word = (size_t)random() % words;

			if (round % 3 == 0)
				value = (uint64_t)random() << 32 | (uint64_t)random();
			memcpy(chain->death.stack + word * sizeof(value), &value, sizeof(value));
		}
		follow(chain);
		for (size_t i = 1; i < chain->result.count; i++)
			assert_non_null(chain->result.frames[i].mapping);
	}
	free_chain(chain);
}

static void test_unknown_registers_end_the_chain(void **state)
{
	struct chain *chain =
		die(DEATH_DIRECTORY "/death-nofp-symbols-dynamic", "abort", STACK_BYTES, NULL);

	(void)state;
	chain->death.registers.known = UINT64_C(1) << 16;
	follow(chain);
	assert_int_equal(chain->result.count, 1);
	assert_int_equal(chain->result.end, UNWIND_END_BAD_ADDRESS);
	chain->death.registers.known = 0;
	follow(chain);
	assert_int_equal(chain->result.count, 1);
	assert_int_equal(chain->result.frames[0].kind, UNWIND_FRAME_UNMAPPED);
	free_chain(chain);
}

static void test_statistics_add_up(void **state)
{
	struct unwind_statistics statistics = {.stacks = 0};
	static struct unwind_result result;

	(void)state;
	result.count = 5;
	result.end = UNWIND_END_COMPLETE;
	unwind_statistics_add(&statistics, &result, 100);
	result.count = 1;
	result.end = UNWIND_END_TRUNCATED;
	unwind_statistics_add(&statistics, &result, 300);
	assert_int_equal(statistics.stacks, 2);
	assert_int_equal(statistics.frames, 6);
	assert_int_equal(statistics.total_ns, 400);
	assert_int_equal(statistics.longest_ns, 300);
	assert_int_equal(statistics.ends[UNWIND_END_COMPLETE], 1);
	assert_int_equal(statistics.ends[UNWIND_END_TRUNCATED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_chain_out_of_abort_names_the_library_that_called_it),
		cmocka_unit_test(test_a_signal_handler_leads_to_the_interrupted_code),
		cmocka_unit_test(test_a_call_to_nowhere_leads_to_its_caller),
		cmocka_unit_test(test_frames_behind_jit_code_are_marked),
		cmocka_unit_test(test_code_without_call_frame_information_is_followed),
		cmocka_unit_test(test_assembly_without_frame_pointers_is_followed),
		cmocka_unit_test(test_a_call_of_data_leads_to_its_caller),
		cmocka_unit_test(test_words_that_are_no_return_addresses_stay_out),
		cmocka_unit_test(test_a_stack_of_three_hundred_frames_is_whole),
		cmocka_unit_test(test_a_stack_deeper_than_its_copy_ends_truncated),
		cmocka_unit_test(test_a_stack_that_overflowed_has_its_innermost_frames),
		cmocka_unit_test(test_code_interrupted_by_a_handler_on_another_stack_is_named),
		cmocka_unit_test(test_more_frames_than_are_kept_end_too_deep),
		cmocka_unit_test(test_a_program_that_was_deleted_while_it_ran_has_its_names),
		cmocka_unit_test(test_another_file_under_the_same_path_gives_no_names),
		cmocka_unit_test(test_no_death_of_any_program_leads_outside_of_code),
		cmocka_unit_test(test_a_program_without_a_table_of_frames_has_the_same_chain),
		cmocka_unit_test(test_a_stack_of_random_values_ends),
		cmocka_unit_test(test_unknown_registers_end_the_chain),
		cmocka_unit_test(test_statistics_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
