/* tests/flame/svg/test_label.c - flame/svg/label.c: labels still identify the function */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flame/svg/label.h"

struct example {
	const char *name;
	size_t columns;
	const char *label;
};

static void assert_labels(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char label[LABEL_BYTES_MAX];
		size_t used = label_fit(examples[i].name, strlen(examples[i].name),
					examples[i].columns, label);

		assert_string_equal(label, examples[i].label);
		assert_true(used <= examples[i].columns || used == 0);
	}
}

#define ASSERT_LABELS(examples) assert_labels(examples, sizeof(examples) / sizeof((examples)[0]))

static void a_name_that_fits_exactly_is_whole(void **state)
{
	static const struct example examples[] = {
		{"main", 4, "main"},
		{"gc", 2, "gc"},
		{"tcp_sendmsg_[k]", 11, "tcp_sendmsg"},
		{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6,
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
		{"\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac"},
	};

	(void)state;
	ASSERT_LABELS(examples);
}

static void arguments_templates_and_paths_go_first(void **state)
{
	static const struct example examples[] = {
		{"foo(int, char const*) const", 10, "foo"},
		{"std::vector<int, std::allocator<int> >::push_back(int&&)", 26,
		 "std::vector<>::push_back"},
		{"std::vector<int, std::allocator<int> >::push_back(int&&)", 20,
		 "vector<>::push_back"},
		{"std::vector<int, std::allocator<int> >::push_back(int&&)", 9, "push_back"},
		{"org/apache/hbase/HRegion.doBatch", 18, "HRegion.doBatch"},
		{"java.lang.Object java.util.TreeMap.put(java.lang.Object)", 14, "TreeMap.put"},
		{"void std::sort<int*>(int*, int*) const", 12, "std::sort<>"},
		{"std::pair<int, int> foo(int)", 6, "foo"},
		{"Foo::operator bool() const", 18, "Foo::operator bool"},
		{"load (reader.py:33)", 8, "load "},
		{"/usr/lib/libcrypto.so.3", 14, "libcrypto.so.3"},
		{"(anonymous namespace)::work(int)", 27, "(anonymous namespace)::work"},
		{"com.acme.App$$Lambda$14.0x0000000800066840.run()", 18, "App$$Lambda$14.run"},
		{"J$$Lambda$1/0x00007fe0d0000a08.run_[j]", 15, "J$$Lambda$1.run"},
		{"App$$Lambda/0x000077c1.run", 12, "App$$Lambda\xe2\x80\xa6"},
		{"com.acme.App.lambda$main$0", 17, "App.lambda$main$0"},
		{"foo.part.0.isra.17", 12, "foo.part.0.\xe2\x80\xa6"},
		{"operator<<(std::ostream&, foo const&)", 12, "operator<<"},
		{"RegExp:^(\\w+)=(.*)$", 14, "RegExp:^(\\w+)\xe2\x80\xa6"},
		{"Foo::operator()(int) const", 16, "Foo::operator()"},
		{"core::slice::sort::quicksort::<alloc::string::String, F>", 16, "sort::quicksort"},
	};

	(void)state;
	ASSERT_LABELS(examples);
}

static void a_truncated_name_ends_in_an_ellipsis_or_is_omitted(void **state)
{
	static const struct example examples[] = {
		{"release_pages", 8, "release\xe2\x80\xa6"},
		{"release_pages", 5, "rele\xe2\x80\xa6"},
		{"release_pages", 3, "re\xe2\x80\xa6"},
		{"release_pages", 2, ""},
		{"main", 2, ""},
		{"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, "\xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6"},
		{"", 9, ""},
	};

	(void)state;
	ASSERT_LABELS(examples);
}

static void unclosed_brackets_and_very_long_names_are_safe(void **state)
{
	char name[5000];
	char label[LABEL_BYTES_MAX];

	(void)state;
	memset(name, '<', sizeof(name));
	assert_true(label_fit(name, sizeof(name), 20, label) <= 20);
	memset(name, ':', sizeof(name));
	assert_true(label_fit(name, sizeof(name), 20, label) <= 20);
	memset(name, '(', sizeof(name));
	assert_true(label_fit(name, sizeof(name), 20, label) <= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_fits_exactly_is_whole),
		cmocka_unit_test(arguments_templates_and_paths_go_first),
		cmocka_unit_test(a_truncated_name_ends_in_an_ellipsis_or_is_omitted),
		cmocka_unit_test(unclosed_brackets_and_very_long_names_are_safe),
	};

	return cmocka_run_group_tests_name("flame/label", tests, NULL, NULL);
}
