/* tests/record/kernel/test_type_table.c - record/kernel/type_table.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "record/kernel/type_table.h"

/* One type of each kind. */
static struct btf *types_of_all_kinds(void)
{
	struct btf *types = btf__new_empty();
	const int number = types ? btf__add_int(types, "int", 4, BTF_INT_SIGNED) : 0;
	int prototype, variable;

	assert_int_equal(number, 1);
	assert_true(btf__add_ptr(types, number) > 0);
	assert_true(btf__add_array(types, number, number, 3) > 0);
	assert_true(btf__add_struct(types, "structure", 4) > 0);
	assert_int_equal(btf__add_field(types, "member", number, 0, 0), 0);
	assert_true(btf__add_union(types, "choice", 4) > 0);
	assert_int_equal(btf__add_field(types, "first", number, 0, 0), 0);
	assert_int_equal(btf__add_field(types, "second", number, 0, 0), 0);
	assert_true(btf__add_enum(types, "small", 4) > 0);
	assert_int_equal(btf__add_enum_value(types, "ONE", 1), 0);
	assert_true(btf__add_fwd(types, "later", BTF_FWD_STRUCT) > 0);
	assert_true(btf__add_typedef(types, "structure", number) > 0);
	assert_true(btf__add_volatile(types, number) > 0);
	assert_true(btf__add_const(types, number) > 0);
	assert_true(btf__add_restrict(types, number) > 0);
	prototype = btf__add_func_proto(types, number);
	assert_int_equal(btf__add_func_param(types, "argument", number), 0);
	assert_true(btf__add_func(types, "function", BTF_FUNC_STATIC, prototype) > 0);
	variable = btf__add_var(types, "variable", BTF_VAR_STATIC, number);
	assert_true(variable > 0);
	assert_true(btf__add_datasec(types, ".data", 4) > 0);
	assert_int_equal(btf__add_datasec_var_info(types, variable, 0, 4), 0);
	assert_true(btf__add_float(types, "double", 8) > 0);
	assert_true(btf__add_decl_tag(types, "declared", variable, -1) > 0);
	assert_true(btf__add_type_tag(types, "tagged", number) > 0);
	assert_true(btf__add_enum64(types, "wide", 8, false) > 0);
	assert_int_equal(btf__add_enum64_value(types, "TWO", 2), 0);
	assert_true(btf__add_struct(types, "last", 4) > 0);
	return types;
}

static void every_type_is_as_libbpf_finds_it(void **state)
{
	struct btf *types = types_of_all_kinds();
	struct type_table table;
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(types, &size_bytes);

	(void)state;
	assert_true(type_table_open(bytes, size_bytes, &table));
	assert_int_equal(table.count, btf__type_cnt(types));
	for (uint32_t id = 1; id < table.count; id++) {
		const struct btf_type *type = type_table_get(&table, id);
		const struct btf_type *other = btf__type_by_id(types, id);

		assert_memory_equal(type, other, sizeof(*type));
		assert_string_equal(type_table_name(&table, type->name_off),
				    btf__name_by_offset(types, other->name_off));
	}
	type_table_close(&table);
	btf__free(types);
}

static void a_type_is_found_by_name_and_kind(void **state)
{
	struct btf *types = types_of_all_kinds();
	struct type_table table;
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(types, &size_bytes);

	(void)state;
	assert_true(type_table_open(bytes, size_bytes, &table));
	for (uint32_t kind = BTF_KIND_STRUCT; kind <= BTF_KIND_TYPEDEF; kind++) {
		const int id = btf__find_by_name_kind(types, "structure", kind);

		assert_int_equal(type_table_find(&table, "structure", kind), id > 0 ? id : 0);
	}
	assert_int_equal(type_table_find(&table, "last", BTF_KIND_STRUCT), table.count - 1);
	assert_int_equal(type_table_find(&table, "missing", BTF_KIND_STRUCT), 0);
	assert_string_equal(type_table_name(&table, UINT32_MAX), "");
	type_table_close(&table);
	btf__free(types);
}

/* A separate copy, so that a sanitizer sees a read beyond it. */
static bool opens(const void *bytes, size_t size_bytes)
{
	void *copy = malloc(size_bytes ? size_bytes : 1);
	struct type_table table;
	bool is_open;

	assert_non_null(copy);
	memcpy(copy, bytes, size_bytes);
	is_open = type_table_open(copy, size_bytes, &table);
	if (is_open) {
		for (uint32_t id = 1; id < table.count; id++)
			(void)strlen(type_table_name(&table, type_table_get(&table, id)->name_off));
		type_table_close(&table);
	}
	free(copy);
	return is_open;
}

static void a_truncated_file_is_refused(void **state)
{
	struct btf *types = types_of_all_kinds();
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(types, &size_bytes);

	(void)state;
	assert_true(opens(bytes, size_bytes));
	for (size_t size = 0; size < size_bytes; size++)
		assert_false(opens(bytes, size));
	btf__free(types);
}

/* Each bit of the header and of the types is changed. Nothing is read that is not there. */
static void a_damaged_file_does_no_harm(void **state)
{
	struct btf *types = types_of_all_kinds();
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(types, &size_bytes);
	uint8_t *copy = malloc(size_bytes);

	(void)state;
	assert_non_null(copy);
	memcpy(copy, bytes, size_bytes);
	for (size_t bit = 0; bit < 8 * (size_t)size_bytes; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		(void)opens(copy, size_bytes);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	free(copy);
	btf__free(types);
}

static void a_kind_that_is_not_known_is_refused(void **state)
{
	struct btf *types = types_of_all_kinds();
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(types, &size_bytes);
	uint8_t *copy = malloc(size_bytes);
	struct type_table table;
	struct btf_type last;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, bytes, size_bytes);
	assert_true(type_table_open(copy, size_bytes, &table));
	last = *type_table_get(&table, table.count - 1);
	last.info = (BTF_KIND_ENUM64 + 1u) << 24;
	memcpy(copy + (table.types - copy) + table.offsets[table.count - 1], &last, sizeof(last));
	type_table_close(&table);
	assert_false(opens(copy, size_bytes));
	free(copy);
	btf__free(types);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_as_libbpf_finds_it),
		cmocka_unit_test(a_type_is_found_by_name_and_kind),
		cmocka_unit_test(a_truncated_file_is_refused),
		cmocka_unit_test(a_damaged_file_does_no_harm),
		cmocka_unit_test(a_kind_that_is_not_known_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
