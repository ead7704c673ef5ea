/* record/probes/function_arguments.c - finds the arguments of kernel functions in BTF
 *
 * Numbers are recorded as they are, a pointer to a number as that number, a pointer to char as a
 * string, and any other pointer only as NULL or not.
 */
#include "record/probes/function_arguments.h"

#include <bpf/btf.h>
#include <string.h>

/* Skips typedef, const and the like. */
static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	int resolved = btf__resolve_type(btf, id);

	return resolved >= 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;
}

static bool is_number(const struct btf_type *type)
{
	return type && (btf_is_int(type) || btf_is_any_enum(type)) && type->size <= 8;
}

static bool is_char(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = resolve(btf, id);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;

	return is_number(type) && type->size == 1 && name && strcmp(name, "char") == 0;
}

static enum probe_field_form number_form(const struct btf_type *type)
{
	if (btf_is_any_enum(type))
		return btf_kflag(type) ? PROBE_FIELD_SIGNED : PROBE_FIELD_UNSIGNED;
	if (btf_int_encoding(type) & BTF_INT_BOOL)
		return PROBE_FIELD_BOOLEAN;
	return btf_int_encoding(type) & BTF_INT_SIGNED ? PROBE_FIELD_SIGNED : PROBE_FIELD_UNSIGNED;
}

static void describe_pointer(const struct btf *btf, uint32_t target, uint32_t index,
			     struct probe_fields *fields, struct probe_field *field)
{
	const struct btf_type *type = resolve(btf, target);

	field->form = PROBE_FIELD_POINTER;
	field->size_bytes = sizeof(uint64_t);
	if (is_char(btf, target)) {
		field->form = PROBE_FIELD_STRING;
		field->offset_bytes = (uint32_t)offsetof(struct event_probe_data, data) +
				      index * PROBE_STRING_BYTES;
		field->size_bytes = PROBE_STRING_BYTES;
		fields->strings |= 1u << index;
	} else if (is_number(type)) {
		field->form = number_form(type);
		field->size_bytes = type->size;
		fields->pointees |= 1u << index;
	}
}

static void add_argument(const struct btf *btf, const struct btf_param *parameter, uint32_t index,
			 struct probe_fields *fields)
{
	const struct btf_type *type = resolve(btf, parameter->type);
	const char *name = btf__name_by_offset(btf, parameter->name_off);
	struct probe_field field = {
		.form = PROBE_FIELD_OPAQUE,
		.offset_bytes = (uint32_t)offsetof(struct event_probe_data, arguments) +
				index * (uint32_t)sizeof(uint64_t),
	};

	if (type && btf_is_ptr(type)) {
		describe_pointer(btf, type->type, index, fields, &field);
	} else if (is_number(type)) {
		field.form = number_form(type);
		field.size_bytes = type->size;
	}
	(void)probe_fields_add(fields, name && *name ? name : "?", &field);
}

static const struct btf_type *find_prototype(const struct btf *btf, const char *function)
{
	int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	return type ? btf__type_by_id(btf, type->type) : NULL;
}

/* Returns the index of an argument that is passed in a register; PROBE_ARGUMENTS_MAX if there is
 * none. */
static uint32_t find_parameter(const struct btf *btf, const struct btf_type *prototype,
			       const char *name)
{
	const struct btf_param *parameters = btf_params(prototype);

	for (uint32_t i = 0; i < btf_vlen(prototype) && i < PROBE_ARGUMENTS_MAX; i++) {
		const char *own = btf__name_by_offset(btf, parameters[i].name_off);

		if (own && strcmp(own, name) == 0)
			return i;
	}
	return PROBE_ARGUMENTS_MAX;
}

bool function_arguments_find(const struct btf *btf, const char *function,
			     const struct probe_spec *spec, struct probe_fields *ret_fields,
			     const char **ret_what)
{
	const struct btf_type *prototype = btf ? find_prototype(btf, function) : NULL;
	struct probe_fields fields = {0};
	uint32_t all, index;

	*ret_what = "no arguments in the BTF of the kernel";
	if (!prototype)
		return false;
	all = btf_vlen(prototype) < PROBE_ARGUMENTS_MAX ? btf_vlen(prototype) : PROBE_ARGUMENTS_MAX;
	for (uint32_t i = 0; spec->argument_count == 0 && i < all; i++)
		add_argument(btf, &btf_params(prototype)[i], i, &fields);
	for (size_t i = 0; i < spec->argument_count; i++) {
		index = find_parameter(btf, prototype, spec->argument_names[i]);
		*ret_what = "no argument of that name among the first 6";
		if (index == PROBE_ARGUMENTS_MAX)
			return false;
		add_argument(btf, &btf_params(prototype)[index], index, &fields);
	}
	*ret_fields = fields;
	return true;
}

void function_result_find(const struct btf *btf, const char *function,
			  struct probe_field *ret_field)
{
	const struct btf_type *prototype = btf ? find_prototype(btf, function) : NULL;
	const struct btf_type *type = prototype ? resolve(btf, prototype->type) : NULL;

	*ret_field = (struct probe_field){.form = PROBE_FIELD_POINTER, .size_bytes = 8};
	if (is_number(type))
		*ret_field =
			(struct probe_field){.form = number_form(type), .size_bytes = type->size};
	else if (prototype && prototype->type == 0)
		ret_field->form = PROBE_FIELD_OPAQUE;
}
