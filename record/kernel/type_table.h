/* record/kernel/type_table.h - types (BTF) by their ID, read where they are
 *
 * libbpf copies the types of a kernel, some 5 MiB, before it reads them.
 */
#ifndef RECORD_KERNEL_TYPE_TABLE_H
#define RECORD_KERNEL_TYPE_TABLE_H

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct type_table {
	const uint8_t *bytes; /* all, with the header */
	size_t size_bytes;
	const uint8_t *types;
	const char *strings; /* ends with a NUL */
	uint32_t string_bytes;
	uint32_t count;    /* of types, with void, which has the ID 0 */
	uint32_t *offsets; /* of each type in `types`, by its ID */
};

/* Finds the types in the bytes of a BTF file in the order of bytes of this machine. Borrows the
 * bytes until type_table_close(). Returns false if they are damaged or have a kind of type that is
 * not known here, and on allocation failure. */
bool type_table_open(const void *bytes, size_t size_bytes, struct type_table *ret_table);

/* Frees what type_table_open() has allocated. */
void type_table_close(struct type_table *table);

/* Returns the type with that ID, which must be below table->count, and not 0. */
static inline const struct btf_type *type_table_get(const struct type_table *table, uint32_t id)
{
	return (const struct btf_type *)(const void *)(table->types + table->offsets[id]);
}

/* Returns a name by its offset; "" if it has none. */
static inline const char *type_table_name(const struct type_table *table, uint32_t offset)
{
	return offset < table->string_bytes ? table->strings + offset : "";
}

/* Returns the ID of the first type with that name and kind (BTF_KIND_...); 0: there is none. */
uint32_t type_table_find(const struct type_table *table, const char *name, uint32_t kind);

#endif
