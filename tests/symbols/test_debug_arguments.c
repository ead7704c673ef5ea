/* tests/symbols/test_debug_arguments.c - symbols/debug_arguments.c and the child */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/debug_arguments.h"
#include "symbols/module.h"

#define TEXT_MAX      512
#define DAMAGED_FILES 60u /* each has one more damaged bit */

#if defined(__x86_64__)
#define LARGE_RESULT "@1"
#define AFTER_LARGE  "@0"
#define AFTER_MIXED  "@3"
#define SEVENTH      "@s0"
#define LARGE        "@-"
#define MANY         "g@s2, i2 short int h@s3, s8 const char * i@s4, o24 struct large l@-, i8 long int j@-"
#else
#define LARGE_RESULT "@0"
#define AFTER_LARGE  "@1"
#define AFTER_MIXED  "@4"
#define SEVENTH      "@-"
#define LARGE        "@0"
#define MANY         "g@-, i2 short int h@-, s8 const char * i@s0, o24 struct large l@s1, i8 long int j@s2"
#endif

/* The result and each argument: form, size, type, name, and the register or word of the stack. */
static const struct known {
	const char *name;
	const char *expected;
} functions[] = {
	{"numbers", "i4 int; i1 signed char a@0, u2 short unsigned int b@1, i4 int c@2, "
		    "i8 long int d@3, u8 long unsigned int e@4, b1 _Bool f@5, i4 int g" SEVENTH},
	{"texts", "p8 void *; s8 const char * text@0, p8 char *const * list@1, p8 function * "
		  "function@2, i4 int unused@3"},
	{"decimals", "o8 double; o8 double x@-, i4 int n@0, o4 float y@-, i8 long int m@1"},
	{"large_result", "o24 struct large; i4 int after" LARGE_RESULT},
	{"structures", "i4 int; o16 struct pair p@0, o16 struct floats f@-, o12 struct mixed x@2, "
		       "i4 int n" AFTER_MIXED},
	{"by_memory", "b1 _Bool; o24 struct large l" LARGE ", i4 int n" AFTER_LARGE},
	{"many", "i8 long int; i8 long int a@0, i8 long int b@1, i8 long int c@2, i8 long int d@3, "
		 "i8 long int e@4, i8 long int f@5, o16 long double x@-, i8 long int " MANY},
	{"colours", "u4 enum colour; u4 enum colour c@0, u8 size_t size@1"},
	{"nothing", "o0 void; "},
	{"any_number", "u4 unsigned int; s8 volatile const char * format@0"},
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static void find_addresses(int fd, const struct known *all, size_t count, uint64_t *addresses)
{
	static const struct module_debug_directories none = {.count = 0};
	struct module module;

	assert_int_equal(module_load(fd, &none, &module), SYMBOLS_OK);
	for (size_t i = 0; i < module.functions.count * count; i++) {
		const struct function_entry *entry = &module.functions.entries[i / count];

		if (strcmp(module.functions.names + entry->name, all[i % count].name) == 0)
			addresses[i % count] = module.functions.base_address + entry->start_delta;
	}
	module_release(&module);
}

static void describe(const struct debug_arguments *found, uint32_t function, char out[TEXT_MAX])
{
	static const char forms[] = "uibpso";
	size_t used = 0, number = 0;

	out[0] = '\0';
	for (size_t i = 0; i < found->count; i++) {
		const struct debug_argument *one = &found->arguments[i];
		char place[8] = "-";

		if (one->function_index != function)
			continue;
		if (one->place < DEBUG_ARGUMENT_REGISTERS)
			snprintf(place, sizeof(place), "%u", one->place);
		else if (one->place < DEBUG_ARGUMENT_ELSEWHERE)
			snprintf(place, sizeof(place), "s%u", one->place - DEBUG_ARGUMENT_STACK);
		if (number++ == 0) {
			assert_int_equal(one->place, DEBUG_ARGUMENT_RESULT);
			used += (size_t)snprintf(out + used, TEXT_MAX - used, "%c%u %s; ",
						 forms[one->form], one->size_bytes, one->type);
			continue;
		}
		used += (size_t)snprintf(out + used, TEXT_MAX - used, "%s%c%u %s %s@%s",
					 number > 2 ? ", " : "", forms[one->form], one->size_bytes,
					 one->type, one->name, place);
	}
}

static void check_library(const char *path, const struct known *all, size_t count)
{
	uint64_t addresses[FUNCTIONS + 1] = {0};
	struct debug_arguments found;
	char text[TEXT_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && count <= FUNCTIONS);
	assert_true(debug_arguments_are_in(fd));
	find_addresses(fd, all, count, addresses);
	/* And an address without a function. */
	addresses[count] = 1;
	assert_int_equal(debug_arguments_find(fd, -1, addresses, count + 1, &found), SYMBOLS_OK);
	for (uint32_t i = 0; i < count; i++) {
		assert_true(addresses[i] != 0);
		describe(&found, i, text);
		assert_string_equal(text, all[i].expected);
	}
	describe(&found, (uint32_t)count, text);
	assert_string_equal(text, "");
	debug_arguments_release(&found);
	close(fd);
}

/* Of other machines the calling conventions are not known. */
static void skip_other_machines(void)
{
#if !defined(__x86_64__) && !defined(__aarch64__)
	skip();
#endif
}

static void test_arguments_have_types_and_registers(void **state)
{
	(void)state;
	skip_other_machines();
	check_library(DESCRIBED_PLAIN, functions, FUNCTIONS);
	check_library(DESCRIBED_OPTIMIZED, functions, FUNCTIONS);
}

/* The convention of C says nothing of them. Go has its results among the parameters. */
static void test_other_languages_have_other_conventions(void **state)
{
	static const struct known all[] = {{"goes", "o0 void; i8 int a@-, i8 int b@-, i8 int c@3"}};

	(void)state;
	skip_other_machines();
	check_library(DESCRIBED_GO, all, 1);
}

static void test_objects_are_passed_as_cpp_does(void **state)
{
#if defined(DESCRIBED_OBJECTS)
	static const struct known all[] = {
		{"object", "i4 int; o8 struct counted c@0, i4 int n@1"},
		{"levels", "i1 enum level; i1 enum level l@0, p8 int & n@1"},
#if defined(__x86_64__)
		{"tagged", "i4 int; o1 struct empty tag@-, i4 int n@0"},
		{"five_floats", "i4 int; o20 struct floats f@-, i4 int n@0"},
		{"quad", "i8 long int; i8 long int a@0, i8 long int b@1, i8 long int c@2, "
			 "i8 long int d@3, i8 long int e@4, i8 long int f@5, "
			 "o16 __float128 x@-, i8 long int g@-"},
#else
		{"tagged", "i4 int; o1 struct empty tag@0, i4 int n@1"},
		{"five_floats", "i4 int; o20 struct floats f@0, i4 int n@1"},
#endif
		{"four_floats", "i4 int; o16 struct four f@-, i4 int n@0"},
		{"aligned", "i8 long int; i8 long int a@0, i8 long int b@1, i8 long int c@2, "
			    "i8 long int d@3, i8 long int e@4, i8 long int f@5, "
			    "o16 struct strict s@-, i8 long int g@-"},
	};

	(void)state;
	skip_other_machines();
	check_library(DESCRIBED_OBJECTS, all, sizeof(all) / sizeof(all[0]));
	check_library(DESCRIBED_OBJECTS_OPTIMIZED, all, sizeof(all) / sizeof(all[0]));
#else
	(void)state;
	skip();
#endif
}

static void test_a_file_without_debug_information(void **state)
{
	const uint64_t address = 1;
	struct debug_arguments found;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(debug_arguments_are_in(fd));
	assert_int_equal(debug_arguments_find(fd, -1, &address, 1, &found), SYMBOLS_CORRUPT);
	assert_int_equal(
		debug_arguments_find(fd, -1, &address, DEBUG_ARGUMENTS_FUNCTIONS_MAX + 1u, &found),
		SYMBOLS_LIMIT);
	close(fd);
}

/* The child may answer, fail or crash; the caller gets arguments within limits, or an error. */
static void test_a_damaged_file_does_not_reach_the_caller(void **state)
{
	uint64_t addresses[FUNCTIONS] = {0};
	int fd = open(DESCRIBED_OPTIMIZED, O_RDONLY | O_CLOEXEC);
	FILE *copy = tmpfile();
	static uint8_t bytes[1u << 20];
	ssize_t size = read(fd, bytes, sizeof(bytes));
	uint32_t random = 1;

	(void)state;
	assert_non_null(copy);
	assert_true(size > 0 && (size_t)size < sizeof(bytes));
	find_addresses(fd, functions, FUNCTIONS, addresses);
	for (unsigned int i = 0; i < DAMAGED_FILES; i++) {
		struct debug_arguments found;
		size_t at;

		random = random * 1664525u + 1013904223u;
		at = (size_t)size / 8 + random % ((size_t)size - (size_t)size / 8);
		bytes[at] ^= (uint8_t)(1u << random % 8u);
		assert_int_equal(pwrite(fileno(copy), bytes, (size_t)size, 0), size);
		if (debug_arguments_find(fileno(copy), -1, addresses, FUNCTIONS, &found) !=
		    SYMBOLS_OK)
			continue;
		for (size_t j = 0; j < found.count; j++)
			assert_true(found.arguments[j].function_index < FUNCTIONS);
		debug_arguments_release(&found);
	}
	(void)fclose(copy);
	close(fd);
}

/* Damages one byte of a whole answer after the other, and cuts it everywhere. */
static void test_a_damaged_answer_is_refused_or_within_limits(void **state)
{
	static const char strings[] = "name\0const char *";
	static const uint32_t head[] = {1, DEBUG_ARGUMENT_STRING, 8, DEBUG_ARGUMENT_RESULT};
	static const uint32_t next[] = {1, DEBUG_ARGUMENT_SIGNED, 4, 2};
	const size_t half = sizeof(head) + sizeof(strings), size = 2 * half;

	(void)state;
	for (size_t i = 0; i <= size * 8; i++) {
		uint8_t *answer = malloc(size);
		struct debug_arguments found;

		assert_non_null(answer);
		memcpy(answer, head, sizeof(head));
		memcpy(answer + sizeof(head), strings, sizeof(strings));
		memcpy(answer + half, next, sizeof(next));
		memcpy(answer + half + sizeof(next), strings, sizeof(strings));
		if (i < size * 8)
			answer[i / 8] ^= (uint8_t)(1u << i % 8);
		if (debug_arguments_parse(answer, i < size ? i : size, 2, &found) != SYMBOLS_OK) {
			assert_true(i < size * 8);
			free(answer);
			continue;
		}
		for (size_t j = 0; j < found.count; j++) {
			assert_true(found.arguments[j].function_index < 2);
			assert_true(found.arguments[j].form < DEBUG_ARGUMENT_FORMS);
		}
		debug_arguments_release(&found);
	}
}

/* What a hostile debug file can make the child answer, and no debug file describes. */
static void test_impossible_arguments_are_refused(void **state)
{
	static const struct {
		uint32_t head[4];
		bool is_first;
		bool is_valid;
	} answers[] = {
		{{0, DEBUG_ARGUMENT_SIGNED, 8, DEBUG_ARGUMENT_RESULT}, true, true},
		{{0, DEBUG_ARGUMENT_SIGNED, 16, DEBUG_ARGUMENT_RESULT}, true, false},
		{{0, DEBUG_ARGUMENT_UNSIGNED, 0, DEBUG_ARGUMENT_RESULT}, true, false},
		{{0, DEBUG_ARGUMENT_POINTER, 4, DEBUG_ARGUMENT_RESULT}, true, false},
		{{0, DEBUG_ARGUMENT_OPAQUE, 0, DEBUG_ARGUMENT_RESULT}, true, true},
		{{0, DEBUG_ARGUMENT_SIGNED, 8, 0}, true, false},
		{{0, DEBUG_ARGUMENT_SIGNED, 8, 5}, false, true},
		{{0, DEBUG_ARGUMENT_SIGNED, 8, DEBUG_ARGUMENT_REGISTERS}, false, false},
		{{0, DEBUG_ARGUMENT_BOOLEAN, 9, 0}, false, false},
		{{0, DEBUG_ARGUMENT_STRING, 9, 0}, false, false},
		{{0, DEBUG_ARGUMENT_SIGNED, 8, DEBUG_ARGUMENT_RESULT}, false, false},
	};
	static const uint32_t first[] = {0, DEBUG_ARGUMENT_OPAQUE, 0, DEBUG_ARGUMENT_RESULT};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		/* Each with two empty strings. */
		size_t at = answers[i].is_first ? 0 : sizeof(first) + 2, size = at + 18;
		uint8_t *answer = calloc(1, size);
		struct debug_arguments found;

		assert_non_null(answer);
		memcpy(answer, first, sizeof(first));
		memcpy(answer + at, answers[i].head, sizeof(answers[i].head));
		if (debug_arguments_parse(answer, size, 1, &found) == SYMBOLS_OK) {
			assert_true(answers[i].is_valid);
			debug_arguments_release(&found);
		} else {
			assert_false(answers[i].is_valid);
			free(answer);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_have_types_and_registers),
		cmocka_unit_test(test_other_languages_have_other_conventions),
		cmocka_unit_test(test_objects_are_passed_as_cpp_does),
		cmocka_unit_test(test_a_file_without_debug_information),
		cmocka_unit_test(test_a_damaged_file_does_not_reach_the_caller),
		cmocka_unit_test(test_a_damaged_answer_is_refused_or_within_limits),
		cmocka_unit_test(test_impossible_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
