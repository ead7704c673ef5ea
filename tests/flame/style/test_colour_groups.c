/* tests/flame/style/test_colour_groups.c - packages, modules and files in names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flame/style/colour_groups.h"

static void names_have_the_group_that_people_expect(void **state)
{
	static const struct {
		const char *name;
		const char *group;
	} examples[] = {
		{"java.util.HashMap.put", "java.util"},
		{"org/apache/hadoop/hbase/HRegion.doMiniBatch", "org/apache"},
		{"runtime.mallocgc", "runtime"},
		{"github.com/user/pkg.(*T).Method", "github.com/user/pkg"},
		{"tokio::runtime::run", "tokio"},
		{"<alloc::string::String as core::fmt::Display>::fmt", "alloc"},
		{"std::vector<int>::push_back(int&&)", "std"},
		{"run (app.py:12)", "app.py"},
		{"parse (/srv/lib/reader.py:7)", "reader.py"},
		{"LazyCompile:~run /srv/app.js:12:5", "app.js"},
		{"libc.so.6`malloc", "libc.so.6"},
		{"libfoo.so.1+0x1234", "libfoo.so.1"},
		{"main", ""},
		{"foo.part.0", ""},
		{"foo.constprop.0.isra.3", ""},
		{"do_syscall_64_[k]", ""},
		{"operator()(int) const", ""},
		{"", ""},
		{"::", ""},
		{"a b::c", ""},
		{":12", ""},
		{"/", ""},
		{".", ""},
		{"`", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const char *text = NULL;
		size_t size =
			colour_group_of_name(examples[i].name, strlen(examples[i].name), &text);

		assert_int_equal(size, strlen(examples[i].group));
		if (size > 0)
			assert_memory_equal(text, examples[i].group, size);
	}
}

static void any_bytes_are_safe(void **state)
{
	static const char letters[] = "a:./`()+0x1 <~";
	char name[7];

	(void)state;
	for (uint32_t number = 0; number < 14u * 14 * 14 * 14 * 14; number++) {
		const char *text = NULL;
		uint32_t rest = number;
		size_t size;

		for (size_t i = 0; i < 5; i++, rest /= 14)
			name[i] = letters[rest % 14];
		size = colour_group_of_name(name, 5, &text);
		assert_true(size <= 5);
		assert_true(size == 0 || (text >= name && text + size <= name + 5));
	}
}

static struct name make_name(const char *text, enum frame_type type, uint64_t weight)
{
	return (struct name){
		.text = text,
		.size = (uint32_t)strlen(text),
		.type = (uint8_t)type,
		.self = {weight, 0},
		.total = {weight, 0},
	};
}

static void groups_are_chosen_if_all_code_is_of_one_type(void **state)
{
	struct name names[] = {
		make_name("worker", FRAME_TYPE_GROUP, 9),
		make_name("std::a", FRAME_TYPE_USER, 5),
		make_name("tokio::b", FRAME_TYPE_USER, 7),
		make_name("std::c", FRAME_TYPE_USER, 4),
	};
	struct name_table table = {.items = names, .count = 4};
	struct colour_groups groups;

	(void)state;
	assert_true(colour_groups_choose(&groups, &table));
	assert_int_equal(groups.type, FRAME_TYPE_USER);
	assert_int_equal(groups.count, 2);
	assert_memory_equal(groups.texts[0], "std", 3);
	assert_int_equal(colour_groups_class(&groups, &names[1]),
			 colour_groups_class(&groups, &names[3]));
	assert_int_not_equal(colour_groups_class(&groups, &names[1]),
			     colour_groups_class(&groups, &names[2]));
	assert_int_equal(colour_groups_class(&groups, &names[0]), colour_class(&names[0]));
	names[3].type = FRAME_TYPE_KERNEL;
	assert_true(colour_groups_choose(&groups, &table));
	assert_int_equal(groups.type, FRAME_TYPE_AUTO);
	assert_int_equal(colour_groups_class(&groups, &names[1]), colour_class(&names[1]));
}

static void one_group_or_few_names_with_groups_are_no_reason(void **state)
{
	struct name names[] = {
		make_name("std::a", FRAME_TYPE_USER, 5),
		make_name("std::b", FRAME_TYPE_USER, 7),
		make_name("main", FRAME_TYPE_USER, 1),
	};
	struct name_table table = {.items = names, .count = 3};
	struct colour_groups groups;

	(void)state;
	assert_true(colour_groups_choose(&groups, &table));
	assert_int_equal(groups.type, FRAME_TYPE_AUTO);
	names[1] = make_name("tokio::b", FRAME_TYPE_USER, 7);
	names[2].self[0] = 100;
	assert_true(colour_groups_choose(&groups, &table));
	assert_int_equal(groups.type, FRAME_TYPE_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_the_group_that_people_expect),
		cmocka_unit_test(any_bytes_are_safe),
		cmocka_unit_test(groups_are_chosen_if_all_code_is_of_one_type),
		cmocka_unit_test(one_group_or_few_names_with_groups_are_no_reason),
	};

	return cmocka_run_group_tests_name("flame/colour_groups", tests, NULL, NULL);
}
