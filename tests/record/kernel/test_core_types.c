/* tests/record/kernel/test_core_types.c - record/kernel/core_types.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <string.h>

#include "record/kernel/core_types.h"
#include "record/kernel/type_table.h"

/* What the programs refer to: struct task___v1, enum state, and a type that the kernel lacks. */
static struct btf *types_of_programs(void)
{
	struct btf *types = btf__new_empty();

	assert_non_null(types);
	assert_true(btf__add_int(types, "int", 4, BTF_INT_SIGNED) > 0);
	assert_true(btf__add_struct(types, "task___v1", 4) > 0);
	assert_int_equal(btf__add_field(types, "pid", 1, 0, 0), 0);
	assert_true(btf__add_enum(types, "state", 4) > 0);
	assert_true(btf__add_struct(types, "missing", 4) > 0);
	return types;
}

/* Adds struct task { const int pid; struct other *next; struct inner { char name[16]; } inner; }.
 */
static void add_task(struct btf *types, int number)
{
	const int constant = btf__add_const(types, number);
	const int letter = btf__add_int(types, "char", 1, BTF_INT_CHAR);
	const int name = btf__add_array(types, number, letter, 16);
	const int inner = btf__add_struct(types, "inner", 16);
	int other, pointer;

	assert_int_equal(btf__add_field(types, "name", name, 0, 0), 0);
	other = btf__add_struct(types, "other", 4);
	assert_int_equal(btf__add_field(types, "hidden", number, 0, 0), 0);
	pointer = btf__add_ptr(types, other);
	assert_true(btf__add_struct(types, "task", 32) > 0);
	assert_int_equal(btf__add_field(types, "pid", constant, 0, 0), 0);
	assert_int_equal(btf__add_field(types, "next", pointer, 64, 0), 0);
	assert_int_equal(btf__add_field(types, "inner", inner, 128, 0), 0);
}

static struct btf *types_of_kernel(void)
{
	struct btf *types = btf__new_empty();
	int number;

	assert_non_null(types);
	assert_true(btf__add_struct(types, "unused", 4) > 0);
	number = btf__add_int(types, "int", 4, BTF_INT_SIGNED);
	assert_true(number > 0);
	add_task(types, number);
	assert_true(btf__add_enum(types, "state", 4) > 0);
	assert_int_equal(btf__add_enum_value(types, "RUNNING", 7), 0);
	return types;
}

/* Writes the selection and reads it back. */
static struct btf *selection_of(struct btf *kernel)
{
	struct btf *programs = types_of_programs();
	struct type_table table;
	struct core_types file;
	struct btf *selected;
	bool is_selection;
	uint32_t size_bytes;
	const void *bytes = btf__raw_data(kernel, &size_bytes);

	assert_true(type_table_open(bytes, size_bytes, &table));
	assert_true(core_types_open(&file));
	assert_true(core_types_write(&file, &table, programs, &is_selection));
	type_table_close(&table);
	selected = btf__parse(file.path, NULL);
	assert_non_null(selected);
	core_types_close(&file);
	core_types_close(&file);
	btf__free(programs);
	assert_int_equal(is_selection, btf__type_cnt(selected) < btf__type_cnt(kernel));
	return selected;
}

static const struct btf_member *member(const struct btf *types, const char *structure,
				       uint32_t index)
{
	const int id = btf__find_by_name_kind(types, structure, BTF_KIND_STRUCT);

	assert_true(id > 0);
	return btf_members(btf__type_by_id(types, (uint32_t)id)) + index;
}

static void types_with_a_name_of_the_programs_are_selected(void **state)
{
	struct btf *kernel = types_of_kernel();
	struct btf *selected = selection_of(kernel);
	const struct btf_type *values;
	int id;

	(void)state;
	assert_true(btf__find_by_name_kind(selected, "unused", BTF_KIND_STRUCT) < 0);
	assert_true(btf__find_by_name_kind(selected, "missing", BTF_KIND_STRUCT) < 0);
	assert_string_equal(btf__name_by_offset(selected, member(selected, "task", 2)->name_off),
			    "inner");
	assert_int_equal(member(selected, "task", 2)->offset, 128);
	id = btf__find_by_name_kind(selected, "state", BTF_KIND_ENUM);
	assert_true(id > 0);
	values = btf__type_by_id(selected, (uint32_t)id);
	assert_int_equal(btf_vlen(values), 1);
	assert_int_equal(btf_enum(values)[0].val, 7);
	assert_string_equal(btf__name_by_offset(selected, btf_enum(values)[0].name_off), "RUNNING");
	btf__free(selected);
	btf__free(kernel);
}

static void members_keep_their_types(void **state)
{
	struct btf *kernel = types_of_kernel();
	struct btf *selected = selection_of(kernel);
	const struct btf_type *type = btf__type_by_id(selected, member(selected, "task", 0)->type);

	(void)state;
	assert_true(btf_is_const(type));
	assert_true(btf_is_int(btf__type_by_id(selected, type->type)));
	assert_int_equal(btf__resolve_size(selected, member(selected, "task", 2)->type), 16);
	assert_int_equal(btf__resolve_size(selected, member(selected, "inner", 0)->type), 16);
	btf__free(selected);
	btf__free(kernel);
}

static void pointers_refer_to_nothing(void **state)
{
	struct btf *kernel = types_of_kernel();
	struct btf *selected = selection_of(kernel);
	const struct btf_type *type = btf__type_by_id(selected, member(selected, "task", 1)->type);

	(void)state;
	assert_true(btf_is_ptr(type));
	assert_int_equal(type->type, 0);
	assert_true(btf__find_by_name_kind(selected, "other", BTF_KIND_STRUCT) < 0);
	btf__free(selected);
	btf__free(kernel);
}

/* Adds struct task { union { int number; }; unsigned short bits : 3; fn_t fn; enum wide wide; }. */
static void add_uncommon_members(struct btf *types, int number)
{
	const int size = btf__add_int(types, "unsigned short", 2, 0);
	const int prototype = btf__add_func_proto(types, number);
	const int function = btf__add_typedef(types, "fn_t", prototype);
	const int alias = btf__add_typedef(types, "alias_t", number);
	const int inner = btf__add_union(types, NULL, 4);
	int wide;

	assert_int_equal(btf__add_field(types, "number", alias, 0, 0), 0);
	wide = btf__add_enum64(types, "wide", 8, false);
	assert_int_equal(btf__add_enum64_value(types, "HIGH", 1ull << 40), 0);
	assert_true(btf__add_struct(types, "task", 24) > 0);
	assert_int_equal(btf__add_field(types, NULL, inner, 0, 0), 0);
	assert_int_equal(btf__add_field(types, "bits", size, 32, 3), 0);
	assert_int_equal(btf__add_field(types, "fn", function, 64, 0), 0);
	assert_int_equal(btf__add_field(types, "wide", wide, 128, 0), 0);
}

static void all_kinds_of_members_are_selected(void **state)
{
	struct btf *kernel = btf__new_empty();
	const struct btf_type *type;
	struct btf *selected;
	uint32_t task;

	(void)state;
	assert_true(btf__add_struct(kernel, "unused", 4) > 0);
	add_uncommon_members(kernel, btf__add_int(kernel, "int", 4, BTF_INT_SIGNED));
	selected = selection_of(kernel);
	task = (uint32_t)btf__find_by_name_kind(selected, "task", BTF_KIND_STRUCT);
	type = btf__type_by_id(selected, task);
	assert_int_equal(btf_vlen(type), 4);
	assert_int_equal(btf_member_bitfield_size(type, 1), 3);
	assert_int_equal(btf_member_bit_offset(type, 1), 32);
	type = btf__type_by_id(selected, member(selected, "task", 0)->type);
	assert_int_equal(btf_kind(type), BTF_KIND_UNION);
	assert_string_equal(btf__name_by_offset(selected, type->name_off), "");
	type = btf__type_by_id(selected, btf_members(type)[0].type);
	assert_string_equal(btf__name_by_offset(selected, type->name_off), "alias_t");
	assert_true(btf_is_int(btf__type_by_id(selected, type->type)));
	type = btf__type_by_id(selected, member(selected, "task", 2)->type);
	assert_true(btf_is_typedef(type));
	assert_int_equal(type->type, 0);
	type = btf__type_by_id(selected, member(selected, "task", 3)->type);
	assert_true(btf_is_enum64(type));
	assert_true(btf_enum64_value(btf_enum64(type)) == 1ull << 40);
	btf__free(selected);
	btf__free(kernel);
}

/* A structure with a variable as a member is in no kernel, and stands for a kind of the future. */
static void all_types_are_written_if_one_has_an_unknown_kind(void **state)
{
	struct btf *kernel = types_of_kernel();
	const int variable = btf__add_var(kernel, "variable", BTF_VAR_STATIC, 1);
	struct btf *selected;

	(void)state;
	assert_true(btf__add_struct(kernel, "task", 8) > 0);
	assert_int_equal(btf__add_field(kernel, "call", variable, 0, 0), 0);
	selected = selection_of(kernel);
	assert_int_equal(btf__type_cnt(selected), btf__type_cnt(kernel));
	btf__free(selected);
	btf__free(kernel);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_with_a_name_of_the_programs_are_selected),
		cmocka_unit_test(members_keep_their_types),
		cmocka_unit_test(pointers_refer_to_nothing),
		cmocka_unit_test(all_kinds_of_members_are_selected),
		cmocka_unit_test(all_types_are_written_if_one_has_an_unknown_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
