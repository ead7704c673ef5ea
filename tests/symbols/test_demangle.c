/* tests/symbols/test_demangle.c - symbols/demangle.c, also with hostile names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "symbols/demangle.h"

static void assert_demangled(const char *mangled, const char *expected)
{
	char buffer[512];

	assert_true(demangle(mangled, buffer, sizeof(buffer)));
	assert_string_equal(buffer, expected);
}

static void test_names_of_each_language_are_demangled(void **state)
{
	(void)state;
	assert_demangled("_ZSt9terminatev", "std::terminate()");
	assert_demangled("_ZN5third6Parser5parseERKSs.cold",
			 "third::Parser::parse(std::string const&) [clone .cold]");
	assert_demangled("_ZN4core9panicking5panic17h0123456789abcdefE", "core::panicking::panic");
	assert_demangled("_RNvCskwGfYPst2Cb_3foo3bar", "foo::bar");
}

static void test_names_that_are_not_mangled_stay(void **state)
{
	char buffer[64];

	(void)state;
	assert_false(demangle("abort", buffer, sizeof(buffer)));
	assert_false(demangle("", buffer, sizeof(buffer)));
	assert_false(demangle("_start", buffer, sizeof(buffer)));
	assert_false(demangle("_Z", buffer, sizeof(buffer)));
}

static void test_a_form_that_does_not_fit_fails(void **state)
{
	char buffer[17];

	(void)state;
	assert_true(demangle("_ZSt9terminatev", buffer, sizeof(buffer)));
	assert_false(demangle("_ZSt9terminatev", buffer, sizeof(buffer) - 1));
	assert_false(demangle("_ZSt9terminatev", buffer, 0));
}

/* Each pair doubles the one before it. A template and its instance are two substitutions, hence the
 * even digits. */
static void test_a_form_that_grows_without_end_fails_soon(void **state)
{
	char mangled[512] = "_Z1fSt4pairIiiE";
	char buffer[4096];
	struct timespec start, end;
	size_t used = strlen(mangled);

	(void)state;
	for (unsigned int i = 0; i < 18; i++) {
		static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
		const char doubled[] = {'S', 't',           '4', 'p', 'a',           'i', 'r', 'I',
					'S', digits[2 * i], '_', 'S', digits[2 * i], '_', 'E'};

		memcpy(mangled + used, doubled, sizeof(doubled));
		used += sizeof(doubled);
	}
	mangled[used] = '\0';
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	assert_false(demangle(mangled, buffer, sizeof(buffer)));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	assert_true(end.tv_sec - start.tv_sec <= 1);
}

static void test_deep_nesting_does_not_overflow_the_stack(void **state)
{
	char mangled[DEMANGLE_INPUT_MAX_BYTES + 2];
	char buffer[8192];

	(void)state;
	memset(mangled, 'P', sizeof(mangled));
	memcpy(mangled, "_Z1f", 4);
	mangled[DEMANGLE_INPUT_MAX_BYTES] = '\0';
	assert_false(demangle(mangled, buffer, sizeof(buffer)));
	mangled[DEMANGLE_INPUT_MAX_BYTES] = 'P';
	mangled[DEMANGLE_INPUT_MAX_BYTES + 1] = '\0';
	assert_false(demangle(mangled, buffer, sizeof(buffer)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_each_language_are_demangled),
		cmocka_unit_test(test_names_that_are_not_mangled_stay),
		cmocka_unit_test(test_a_form_that_does_not_fit_fails),
		cmocka_unit_test(test_a_form_that_grows_without_end_fails_soon),
		cmocka_unit_test(test_deep_nesting_does_not_overflow_the_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
