/* symbols/debug_types.c - types of values, by debug information */
#include "symbols/debug_types.h"

#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#define LAYERS_MAX      16u /* of a type, such as pointer to const pointer to char */
#define PARTS_MAX       80u /* of a structure that is passed in registers */
#define WORD_BYTES      8u
#define STRUCTURE_BYTES 64u /* a larger one is not passed in registers; arm64: four floats are */

/* Parts of a structure whose types are still to be looked at. */
struct parts {
	struct part {
		Dwarf_Die type;
		uint64_t offset_bytes;
	} open[PARTS_MAX];
	uint32_t count;
	uint32_t seen;
	uint32_t integer_words;
	uint64_t float_bytes; /* size of the floats; others make it unclear */
	bool is_unclear;
};

static bool target_of(Dwarf_Die *die, Dwarf_Die *ret_type)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, ret_type);
}

static bool number_of(Dwarf_Die *die, unsigned int name, uint64_t *ret_number)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;

	if (!dwarf_attr_integrate(die, name, &attribute) ||
	    dwarf_formudata(&attribute, &number) != 0)
		return false;
	*ret_number = number;
	return true;
}

static bool is_qualifier(int tag)
{
	return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
	       tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type;
}

/* Whether the program sets another alignment than that of the type. */
static bool is_aligned(const Dwarf_Die *outermost)
{
	Dwarf_Die type = *outermost, inner;

	for (size_t i = 0; i < LAYERS_MAX; i++) {
		if (dwarf_hasattr(&type, DW_AT_alignment))
			return true;
		if (!is_qualifier(dwarf_tag(&type)) || !target_of(&type, &inner))
			return false;
		type = inner;
	}
	return true;
}

static const struct layer {
	int tag;
	const char *before;
	const char *after;
} layers[] = {
	{DW_TAG_pointer_type, "", " *"},
	{DW_TAG_reference_type, "", " &"},
	{DW_TAG_rvalue_reference_type, "", " &&"},
	{DW_TAG_const_type, "const ", " const"},
	{DW_TAG_volatile_type, "volatile ", " volatile"},
	{DW_TAG_restrict_type, "", " restrict"},
	{DW_TAG_atomic_type, "_Atomic ", " _Atomic"},
	{DW_TAG_array_type, "", " []"},
};

static const struct layer *layer_of(int tag)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if (layers[i].tag == tag)
			return &layers[i];
	}
	return NULL;
}

static void name_innermost(Dwarf_Die *type, char out[DEBUG_TYPE_NAME_BYTES])
{
	const char *name = type ? dwarf_diename(type) : "void";
	const char *word = "";

	switch (type ? dwarf_tag(type) : 0) {
	case DW_TAG_structure_type:
		word = "struct ";
		break;
	case DW_TAG_class_type:
		word = "class ";
		break;
	case DW_TAG_union_type:
		word = "union ";
		break;
	case DW_TAG_enumeration_type:
		word = "enum ";
		break;
	case DW_TAG_subroutine_type:
		name = "function";
		break;
	default:
		break;
	}
	(void)snprintf(out, DEBUG_TYPE_NAME_BYTES, "%s%s", word, name ? name : "...");
}

/* Adds the word of a layer: qualifiers of a pointer come after it, others before. */
static void add_layer(char out[DEBUG_TYPE_NAME_BYTES], const struct layer *layer)
{
	char inner[DEBUG_TYPE_NAME_BYTES];
	const char *after = layer->after;
	size_t length = strlen(out);
	bool goes_before = layer->before[0] && !strpbrk(out, "*&]");

	memcpy(inner, out, sizeof(inner));
	if (length > 0 && strchr("*&", out[length - 1]))
		after++;
	(void)snprintf(out, DEBUG_TYPE_NAME_BYTES, "%s%.*s%s", goes_before ? layer->before : "",
		       (int)DEBUG_TYPE_NAME_BYTES - 16, inner, goes_before ? "" : after);
}

static void name_type(const Dwarf_Die *outermost, char out[DEBUG_TYPE_NAME_BYTES])
{
	const struct layer *found[LAYERS_MAX];
	Dwarf_Die type = *outermost, inner;
	bool has_type = true;
	size_t count = 0;

	while (has_type && count < LAYERS_MAX && layer_of(dwarf_tag(&type))) {
		found[count++] = layer_of(dwarf_tag(&type));
		has_type = target_of(&type, &inner);
		if (has_type)
			type = inner;
	}
	name_innermost(has_type ? &type : NULL, out);
	while (count > 0)
		add_layer(out, found[--count]);
}

static bool is_float(uint64_t encoding)
{
	return encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
	       encoding == DW_ATE_imaginary_float || encoding == DW_ATE_decimal_float;
}

static enum debug_argument_form number_form(uint64_t encoding)
{
	if (encoding == DW_ATE_boolean)
		return DEBUG_ARGUMENT_BOOLEAN;
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char
		       ? DEBUG_ARGUMENT_SIGNED
		       : DEBUG_ARGUMENT_UNSIGNED;
}

/* A long double is on the stack of x86; a _Float128 of the same size is in a register. */
static bool is_known_float(Dwarf_Die *type, const struct debug_type *out)
{
	const char *name = dwarf_diename(type);

	return out->size_bytes <= WORD_BYTES || (name && strcmp(name, "long double") == 0);
}

static void describe_number(Dwarf_Die *type, struct debug_type *out)
{
	uint64_t encoding = DW_ATE_unsigned;
	Dwarf_Die underlying, peeled;

	/* The type of an enumeration can be a typedef. */
	if (!number_of(type, DW_AT_encoding, &encoding) && target_of(type, &underlying) &&
	    dwarf_peel_type(&underlying, &peeled) == 0)
		(void)number_of(&peeled, DW_AT_encoding, &encoding);
	if (encoding == DW_ATE_float) {
		if (is_known_float(type, out))
			out->passing = DEBUG_PASSING_FLOAT;
	} else if (!is_float(encoding) && out->size_bytes >= 1 && out->size_bytes <= WORD_BYTES) {
		out->passing = DEBUG_PASSING_INTEGER;
		out->form = number_form(encoding);
	}
}

static bool is_char(Dwarf_Die *type)
{
	const char *name = dwarf_diename(type);

	return dwarf_tag(type) == DW_TAG_base_type && dwarf_bytesize(type) == 1 && name &&
	       strcmp(name, "char") == 0;
}

static void describe_pointer(Dwarf_Die *type, struct debug_type *out)
{
	Dwarf_Die target, peeled;

	out->form = DEBUG_ARGUMENT_POINTER;
	out->passing = DEBUG_PASSING_INTEGER;
	out->size_bytes = WORD_BYTES;
	if (dwarf_tag(type) == DW_TAG_pointer_type && target_of(type, &target) &&
	    dwarf_peel_type(&target, &peeled) == 0 && is_char(&peeled))
		out->form = DEBUG_ARGUMENT_STRING;
}

static void open_part(struct parts *parts, Dwarf_Die *type, uint64_t offset_bytes)
{
	if (parts->seen == PARTS_MAX || offset_bytes >= STRUCTURE_BYTES) {
		parts->is_unclear = true;
		return;
	}
	parts->seen++;
	parts->open[parts->count++] = (struct part){*type, offset_bytes};
}

static void open_members(struct parts *parts, Dwarf_Die *type, uint64_t offset_bytes)
{
	Dwarf_Die member, target;
	int more = dwarf_child(type, &member);

	for (; more == 0; more = dwarf_siblingof(&member, &member)) {
		uint64_t offset = 0, bits;
		int tag = dwarf_tag(&member);

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
		    dwarf_hasattr(&member, DW_AT_external) || !target_of(&member, &target))
			continue;
		if (number_of(&member, DW_AT_data_bit_offset, &bits))
			offset = bits / 8;
		else if (!number_of(&member, DW_AT_data_member_location, &offset) &&
			 dwarf_hasattr(&member, DW_AT_data_member_location))
			parts->is_unclear = true;
		if (dwarf_hasattr(&member, DW_AT_alignment))
			parts->is_unclear = true;
		open_part(parts, &target, offset_bytes + offset);
	}
}

static void open_elements(struct parts *parts, Dwarf_Die *array, uint64_t offset_bytes)
{
	Dwarf_Word all, each;
	Dwarf_Die element;

	if (!target_of(array, &element) || dwarf_aggregate_size(array, &all) != 0 ||
	    dwarf_aggregate_size(&element, &each) != 0 || each == 0 || all > STRUCTURE_BYTES) {
		parts->is_unclear = true;
		return;
	}
	for (uint64_t at = 0; at < all; at += each)
		open_part(parts, &element, offset_bytes + at);
}

static void look_at_part(struct parts *parts, const struct part *part)
{
	Dwarf_Die outer = part->type, type;
	uint64_t encoding = 0;
	Dwarf_Word size;
	int tag;

	if (is_aligned(&outer) || dwarf_peel_type(&outer, &type) != 0 ||
	    dwarf_aggregate_size(&type, &size) != 0 || size == 0) {
		parts->is_unclear = true;
		return;
	}
	tag = dwarf_tag(&type);
	if (tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type) {
		open_members(parts, &type, part->offset_bytes);
	} else if (tag == DW_TAG_array_type) {
		open_elements(parts, &type, part->offset_bytes);
	} else if (size > WORD_BYTES || part->offset_bytes % size != 0) {
		parts->is_unclear = true;
	} else {
		(void)number_of(&type, DW_AT_encoding, &encoding);
		if (!is_float(encoding))
			parts->integer_words |= 1u << (part->offset_bytes / WORD_BYTES);
		else if (parts->float_bytes && parts->float_bytes != size)
			parts->is_unclear = true;
		else
			parts->float_bytes = size;
	}
}

/* Languages of DWARF that keep to the calling convention of C. Numbers, because headers of libdw
 * lack the newer ones. */
static const struct {
	int language;
	bool has_objects; /* that can be passed by reference */
} languages[] = {
	{0x01, false}, /* C89 */
	{0x02, false}, /* C */
	{0x04, true},  /* C++ */
	{0x0c, false}, /* C99 */
	{0x10, false}, /* Objective-C */
	{0x11, true},  /* Objective-C++ */
	{0x19, true},  /* C++03 */
	{0x1a, true},  /* C++11 */
	{0x1d, false}, /* C11 */
	{0x21, true},  /* C++14 */
	{0x2a, true},  /* C++17 */
	{0x2b, true},  /* C++20 */
	{0x2c, false}, /* C17 */
	{0x3a, true},  /* C++23 */
	{0x3e, false}, /* C23 */
};

/* Returns the index of the language of a unit in the table above, or the number of languages. */
static size_t language_of(Dwarf_Die *die)
{
	const size_t count = sizeof(languages) / sizeof(languages[0]);
	Dwarf_Die unit;
	int language = dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : -1;
	size_t i = 0;

	while (i < count && languages[i].language != language)
		i++;
	return i;
}

bool debug_type_has_c_convention(Dwarf_Die *die)
{
	return language_of(die) < sizeof(languages) / sizeof(languages[0]);
}

/* C++ passes objects with a copy constructor by reference. Some compilers write which. */
static enum debug_passing passing_of_object(Dwarf_Die *type)
{
	uint64_t convention = 0;
	size_t language = language_of(type);

	if (number_of(type, DW_AT_calling_convention, &convention))
		return convention == DW_CC_pass_by_reference ? DEBUG_PASSING_REFERENCE
							     : DEBUG_PASSING_STRUCTURE;
	if (language == sizeof(languages) / sizeof(languages[0]))
		return DEBUG_PASSING_UNKNOWN;
	return languages[language].has_objects ? DEBUG_PASSING_OBJECT : DEBUG_PASSING_STRUCTURE;
}

static void describe_structure(Dwarf_Die *type, struct debug_type *out)
{
	struct parts parts = {.count = 0};

	out->passing = passing_of_object(type);
	out->integer_words = UINT32_MAX;
	if (out->size_bytes == 0)
		out->passing = DEBUG_PASSING_UNKNOWN;
	if ((out->passing != DEBUG_PASSING_STRUCTURE && out->passing != DEBUG_PASSING_OBJECT) ||
	    out->size_bytes > STRUCTURE_BYTES)
		return;
	open_part(&parts, type, 0);
	while (parts.count > 0 && !parts.is_unclear) {
		const struct part part = parts.open[--parts.count];

		look_at_part(&parts, &part);
	}
	out->integer_words = parts.integer_words;
	out->float_bytes = (uint32_t)parts.float_bytes;
	if (parts.is_unclear)
		out->passing = DEBUG_PASSING_UNKNOWN;
}

void debug_type_of(Dwarf_Die *die, struct debug_type *ret_type)
{
	Dwarf_Die outer, type;
	Dwarf_Word size;

	*ret_type = (struct debug_type){
		.form = DEBUG_ARGUMENT_OPAQUE,
		.passing = DEBUG_PASSING_UNKNOWN,
		.name = "void",
	};
	if (!target_of(die, &outer)) {
		ret_type->passing = DEBUG_PASSING_NOTHING;
		return;
	}
	name_type(&outer, ret_type->name);
	if (dwarf_peel_type(&outer, &type) != 0)
		return;
	if (dwarf_aggregate_size(&type, &size) == 0 && size <= UINT32_MAX)
		ret_type->size_bytes = (uint32_t)size;
	switch (dwarf_tag(&type)) {
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
		describe_number(&type, ret_type);
		break;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		describe_pointer(&type, ret_type);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		describe_structure(&type, ret_type);
		break;
	default:
		break;
	}
	if (is_aligned(&outer))
		ret_type->passing = DEBUG_PASSING_UNKNOWN;
}
