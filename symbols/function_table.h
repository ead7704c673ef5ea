/* symbols/function_table.h - the functions of one ELF file by address */
#ifndef SYMBOLS_FUNCTION_TABLE_H
#define SYMBOLS_FUNCTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_image.h"
#include "symbols/status.h"
#include "symbols/string_pool.h"

#define FUNCTION_TABLE_MAX               400000u /* functions of one file */
#define FUNCTION_TABLE_NAMES_MAX_BYTES   (16u << 20)
#define FUNCTION_TABLE_STRINGS_MAX_BYTES (32u << 20) /* largest string section that is read */
#define FUNCTION_TABLE_SYMBOLS_MAX       2000000u    /* symbols that are read, functions or not */
#define FUNCTION_NAME_MAX_BYTES          4095u

struct function_entry {
	uint32_t start_delta; /* from base_address */
	uint32_t size_bytes;
	uint32_t name; /* offset in `names` */
};

struct function_table {
	uint64_t base_address;
	struct function_entry *entries; /* by start_delta; one for each address */
	size_t count;
	char *names;
	size_t names_bytes;
};

struct function {
	const char *name;      /* as in the file (mangled); lives as long as the table */
	uint64_t offset_bytes; /* of the address, from the function's start */
};

/* Finds the function that covers the address. Returns false if none does, as in a gap between two
 * functions. */
MUST_CHECK bool function_table_find(const struct function_table *table, uint64_t address,
				    struct function *ret_function);

/* Frees the memory and zeroes the table, which may be zeroed already. */
void function_table_release(struct function_table *table);

/* Bytes of memory that the table holds, without the structure itself. */
size_t function_table_memory_bytes(const struct function_table *table);

/* One name for a range. The greatest preference wins among candidates with the same start. */
struct function_candidate {
	uint64_t start;
	uint64_t size_bytes; /* 0: unknown; see estimate_end() */
	uint64_t limit;      /* end of its section */
	uint32_t preference;
	uint32_t name; /* set by the builder */
};

struct function_table_builder {
	uint64_t base_address;
	/* Returns the start of the next piece of code above an address, by other knowledge than
	 * that of symbols; UINT64_MAX if there is none. May be NULL. */
	uint64_t (*next_start)(const void *context, uint64_t address);
	const void *context;
	const struct elf_image *image; /* whose budget the memory is taken from; NULL: none */
	struct function_candidate *candidates;
	size_t count;
	size_t capacity;
	struct string_pool pool;
};

/* Initializes an empty builder for functions at `base_address` or above. */
void function_table_builder_init(struct function_table_builder *builder, uint64_t base_address);

/* Frees the memory. The builder is empty afterwards and can be used again. */
void function_table_builder_release(struct function_table_builder *builder);

/* Returns whether a function with that start and size can be added: it is smaller than 4 GiB and
 * not further than 4 GiB from the base. */
bool function_table_builder_takes(const struct function_table_builder *builder, uint64_t start,
				  uint64_t size_bytes);

/* Adds a candidate and copies `name_length` bytes of `name`. Ignores functions that are larger than
 * 4 GiB or further than 4 GiB from the base. Returns LIMIT if the table is full, MEMORY_LIMIT or
 * NO_MEMORY. */
MUST_CHECK enum symbols_status
function_table_builder_add(struct function_table_builder *builder,
			   const struct function_candidate *candidate, const char *name,
			   size_t name_length);

/* Adds the functions of .symtab or .dynsym: all of them, or none on failure. Returns NOT_FOUND if
 * the section has no usable contents, LIMIT, NO_MEMORY, or an error of elf_image_read(). */
MUST_CHECK enum symbols_status
function_table_builder_add_section(struct function_table_builder *builder,
				   const struct elf_image *image,
				   const struct elf_section *symbols);

/* Moves the functions into a table; the caller must call function_table_release(). The builder is
 * empty afterwards, also on failure. Returns NOT_FOUND if it had no function, MEMORY_LIMIT or
 * NO_MEMORY. What is taken from the budget for both is for the caller to give back. */
MUST_CHECK enum symbols_status function_table_builder_finish(struct function_table_builder *builder,
							     struct function_table *ret_table);

#endif
