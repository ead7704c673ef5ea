/* symbols/debug_arguments_child.c - finds arguments of functions with libdw
 *
 * Where an argument is at the start of the function, its location says in optimized code. Without
 * optimization, the location is where the function will have stored it; there, the calling
 * convention of C says it. A compiler does not keep to that in a function that nothing outside
 * calls: it removes arguments, and splits structures. So from the first argument on that has no
 * location, and in a copy of a function from the first that is in no register, nothing but a
 * location counts. Other languages have other conventions. */
#include "symbols/debug_arguments_child.h"

#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/debug_types.h"

#define REGISTERS_X86   6u
#define REGISTERS_ARM64 8u
#define REGISTERS_FLOAT 8u
#define WORD_BYTES      8u
#define STRUCTURE_BYTES 16u /* in integer registers */
#define FLOATS_MAX      4u  /* of a structure in registers of arm64 */

/* DWARF numbers of the integer registers for arguments, in their order. */
static const unsigned int x86_registers[DEBUG_ARGUMENT_REGISTERS] = {5, 4, 1, 2, 8, 9};
static const unsigned int arm64_registers[DEBUG_ARGUMENT_REGISTERS] = {0, 1, 2, 3, 4, 5};

struct function_writer {
	struct dwarf_writer *out;
	Dwarf *dwarf;
	bool is_arm64;
	uint32_t function_index;
	uint64_t address;
	bool is_c;       /* keeps to the calling convention of C */
	bool is_copy;    /* the compiler may have changed its arguments */
	bool is_known;   /* how many registers the arguments so far have taken */
	uint32_t taken;  /* integer registers */
	uint32_t floats; /* registers for floating-point numbers */
	bool is_stack_known;
	uint32_t words; /* on the stack */
};

static uint32_t words_of(const struct debug_type *type)
{
	return (type->size_bytes + WORD_BYTES - 1) / WORD_BYTES;
}

static void write_argument(struct function_writer *writer, const struct debug_type *type,
			   uint32_t place, const char *name)
{
	const uint32_t head[] = {writer->function_index, type->form, type->size_bytes, place};

	dwarf_writer_put(writer->out, head, sizeof(head));
	dwarf_writer_put_string(writer->out, name ? name : "");
	dwarf_writer_put_string(writer->out, type->name);
}

/* On arm64, up to four floats of one size are in registers for them. */
static bool has_float_registers(const struct debug_type *type)
{
	return type->integer_words == 0 && type->float_bytes != 0 &&
	       type->size_bytes <= FLOATS_MAX * type->float_bytes;
}

/* Returns how many integer registers a structure takes, if they are free. */
static uint32_t registers_of_structure(const struct function_writer *writer,
				       const struct debug_type *type)
{
	/* On arm64, a large structure is passed by its address. */
	if (writer->is_arm64 && has_float_registers(type))
		return 0;
	if (writer->is_arm64)
		return type->size_bytes > STRUCTURE_BYTES ? 1 : words_of(type);
	return type->size_bytes > STRUCTURE_BYTES
		       ? 0
		       : (uint32_t)__builtin_popcount(type->integer_words);
}

/* Takes words of the stack. Returns the place of the first. */
static uint32_t take_words(struct function_writer *writer, uint32_t count)
{
	uint32_t first = writer->words;

	writer->words += count;
	return writer->is_stack_known && writer->words <= DEBUG_ARGUMENT_WORDS
		       ? DEBUG_ARGUMENT_STACK + first
		       : DEBUG_ARGUMENT_ELSEWHERE;
}

/* A float has a register while there is one. A long double is aligned on the stack of x86. */
static void take_float(struct function_writer *writer, const struct debug_type *type)
{
	if (type->size_bytes > WORD_BYTES && !writer->is_arm64) {
		writer->words += writer->words & 1;
		(void)take_words(writer, words_of(type));
	} else if (writer->floats < REGISTERS_FLOAT) {
		writer->floats++;
	} else {
		(void)take_words(writer, words_of(type));
	}
}

/* Which registers a structure with floats takes, or whether it goes to the stack, is not known. */
static void take_structure(struct function_writer *writer, const struct debug_type *type,
			   uint32_t registers)
{
	bool has_floats = writer->is_arm64
				  ? has_float_registers(type)
				  : type->size_bytes <= STRUCTURE_BYTES &&
					    (uint32_t)__builtin_popcount(type->integer_words) <
						    words_of(type);

	if (has_floats)
		writer->is_stack_known = false;
	else if (registers == 0)
		(void)take_words(writer, words_of(type));
}

/* Takes the registers or words of the next argument by the calling convention. Returns its place.
 */
static uint32_t take_place(struct function_writer *writer, const struct debug_type *type)
{
	const uint32_t all = writer->is_arm64 ? REGISTERS_ARM64 : REGISTERS_X86;
	uint32_t first = writer->taken, count = 0;

	if (type->passing == DEBUG_PASSING_UNKNOWN || type->passing == DEBUG_PASSING_NOTHING)
		writer->is_known = false;
	if (type->passing == DEBUG_PASSING_INTEGER || type->passing == DEBUG_PASSING_REFERENCE)
		count = 1;
	if (type->passing == DEBUG_PASSING_STRUCTURE) {
		count = registers_of_structure(writer, type);
		take_structure(writer, type, count);
	}
	if (type->passing == DEBUG_PASSING_FLOAT)
		take_float(writer, type);
	if (!writer->is_known || count == 0)
		return DEBUG_ARGUMENT_ELSEWHERE;
	if (count > all - first) {
		/* On arm64, none of the later arguments is in a register. */
		writer->taken = writer->is_arm64 ? all : first;
		return take_words(writer, count);
	}
	writer->taken = first + count;
	return first < DEBUG_ARGUMENT_REGISTERS ? first : DEBUG_ARGUMENT_ELSEWHERE;
}

/* What the location of an argument at the start of the function is. */
enum location {
	LOCATION_NONE,     /* there is none: the compiler may have removed the argument */
	LOCATION_REGISTER, /* one register */
	LOCATION_STORED,   /* a place in the frame, where the function stores it, or its caller */
	LOCATION_POINTED,  /* where a pointer in the frame or in a register points to */
	LOCATION_OTHER,    /* parts in several places, or a value */
};

static bool is_pointed(const Dwarf_Op *operations, size_t count)
{
	if (count == 1)
		return operations[0].atom >= DW_OP_breg0 && operations[0].atom <= DW_OP_breg31 &&
		       operations[0].number == 0;
	return count == 2 && operations[0].atom == DW_OP_fbreg && operations[1].atom == DW_OP_deref;
}

/* Sets *ret_register for LOCATION_REGISTER. Compilers write where structures in registers are only
 * after the start. */
static enum location location_at_start(const struct function_writer *writer, Dwarf_Die *argument,
				       const struct debug_type *type, unsigned int *ret_register)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	size_t count = 0;

	if (!dwarf_attr_integrate(argument, DW_AT_location, &attribute))
		return LOCATION_NONE;
	if (dwarf_getlocation_addr(&attribute, writer->address, &operations, &count, 1) != 1 ||
	    count == 0)
		return type->passing == DEBUG_PASSING_STRUCTURE ? LOCATION_OTHER : LOCATION_NONE;
	if (is_pointed(operations, count))
		return LOCATION_POINTED;
	if (count > 1)
		return LOCATION_OTHER;
	if (operations[0].atom >= DW_OP_reg0 && operations[0].atom <= DW_OP_reg31) {
		*ret_register = operations[0].atom - DW_OP_reg0;
		return LOCATION_REGISTER;
	}
	if (operations[0].atom == DW_OP_regx && operations[0].number <= UINT16_MAX) {
		*ret_register = (unsigned int)operations[0].number;
		return LOCATION_REGISTER;
	}
	return operations[0].atom == DW_OP_fbreg ? LOCATION_STORED : LOCATION_OTHER;
}

static uint32_t place_of_register(const struct function_writer *writer, unsigned int number)
{
	const unsigned int *registers = writer->is_arm64 ? arm64_registers : x86_registers;

	for (uint32_t i = 0; i < DEBUG_ARGUMENT_REGISTERS; i++) {
		if (registers[i] == number)
			return i;
	}
	return DEBUG_ARGUMENT_ELSEWHERE;
}

/* From here on, the calling convention says nothing. */
static void end_convention(struct function_writer *writer)
{
	writer->is_known = writer->is_stack_known = false;
}

/* Where the function stores an object is where it is, or where its address is. */
static void decide_passing(struct debug_type *type, enum location location)
{
	if (type->passing != DEBUG_PASSING_OBJECT)
		return;
	type->passing = location == LOCATION_STORED    ? DEBUG_PASSING_STRUCTURE
			: location == LOCATION_POINTED ? DEBUG_PASSING_REFERENCE
						       : DEBUG_PASSING_UNKNOWN;
}

static uint32_t find_place(struct function_writer *writer, Dwarf_Die *argument,
			   struct debug_type *type)
{
	unsigned int number = 0;
	enum location location = location_at_start(writer, argument, type, &number);
	uint32_t own = place_of_register(writer, number), place;

	if (location == LOCATION_NONE || (location == LOCATION_OTHER && writer->is_copy))
		end_convention(writer);
	decide_passing(type, location);
	place = take_place(writer, type);
	if (location != LOCATION_REGISTER)
		return place;
	/* An argument before it was removed, or added. */
	if (own != DEBUG_ARGUMENT_ELSEWHERE && place != own)
		end_convention(writer);
	return own;
}

/* Go writes the results of a function as parameters. */
static bool is_result(Dwarf_Die *parameter)
{
	Dwarf_Attribute attribute;
	bool is = false;

	return dwarf_attr_integrate(parameter, DW_AT_variable_parameter, &attribute) &&
	       dwarf_formflag(&attribute, &is) == 0 && is;
}

static void write_arguments(struct function_writer *writer, Dwarf_Die *function)
{
	struct debug_type type;
	Dwarf_Die child;
	uint32_t count = 0, place;
	int more;

	debug_type_of(function, &type);
	write_argument(writer, &type, DEBUG_ARGUMENT_RESULT, dwarf_diename(function));
	writer->is_known = writer->is_stack_known = writer->is_c;
	writer->floats = writer->words = 0;
	/* The address where the caller wants a large result is the first argument on x86. */
	writer->taken =
		!writer->is_arm64 &&
		(type.passing == DEBUG_PASSING_REFERENCE ||
		 (type.passing == DEBUG_PASSING_STRUCTURE && type.size_bytes > STRUCTURE_BYTES));
	if (type.passing == DEBUG_PASSING_UNKNOWN || type.passing == DEBUG_PASSING_OBJECT)
		writer->is_known = false;
	more = dwarf_child(function, &child);
	for (; more == 0 && count < DEBUG_ARGUMENTS_MAX; more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter || is_result(&child))
			continue;
		debug_type_of(&child, &type);
		place = find_place(writer, &child, &type);
		write_argument(writer, &type, place, dwarf_diename(&child));
		count++;
	}
}

static bool starts_at(Dwarf_Die *function, uint64_t address)
{
	Dwarf_Addr base, start, end;

	if (dwarf_entrypc(function, &start) == 0 && start == address)
		return true;
	return dwarf_ranges(function, 0, &base, &start, &end) > 0 && start == address;
}

static void write_function_at(struct function_writer *writer, uint64_t address)
{
	Dwarf_Die unit, *scopes = NULL;
	int count;

	/* Assembler writes functions without arguments and results, whatever these are. */
	if (!dwarf_find_unit(writer->dwarf, address, &unit) ||
	    dwarf_srclang(&unit) == DW_LANG_Mips_Assembler)
		return;
	count = dwarf_find_scopes(writer->dwarf, &unit, address, &scopes);
	for (int i = 0; i < count; i++) {
		if (dwarf_tag(&scopes[i]) != DW_TAG_subprogram)
			continue;
		writer->address = address;
		writer->is_c = debug_type_has_c_convention(&unit);
		writer->is_copy = dwarf_hasattr(&scopes[i], DW_AT_abstract_origin) ||
				  !dwarf_hasattr_integrate(&scopes[i], DW_AT_external);
		if (starts_at(&scopes[i], address))
			write_arguments(writer, &scopes[i]);
		break;
	}
	free(scopes);
}

void debug_arguments_answer(Dwarf *dwarf, struct dwarf_writer *out, const void *query)
{
	const struct debug_arguments_query *functions = query;
	struct function_writer writer = {.out = out, .dwarf = dwarf};
	GElf_Ehdr header;

	if (!gelf_getehdr(dwarf_getelf(dwarf), &header) || header.e_ident[EI_CLASS] != ELFCLASS64)
		return;
	if (header.e_machine != EM_X86_64 && header.e_machine != EM_AARCH64)
		return;
	writer.is_arm64 = header.e_machine == EM_AARCH64;
	for (size_t i = 0; i < functions->count; i++) {
		writer.function_index = (uint32_t)i;
		write_function_at(&writer, functions->addresses[i]);
	}
}
