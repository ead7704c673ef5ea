/* record/stacks/unwind_tables.h - tables of call frame information in the maps of the BPF programs
 *
 * With the table of each file of a stack, the programs walk it and need not copy it. One thread
 * uses this. Memory in the kernel is bounded by UNWIND_BLOCKS_MAX blocks: the tables that the
 * programs have not used for the longest time are removed for new ones.
 */
#ifndef RECORD_STACKS_UNWIND_TABLES_H
#define RECORD_STACKS_UNWIND_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/common/unwind_maps.h"
#include "record/stacks/file_reader.h"
#include "symbols/module.h"

struct unwind_tables_statistics {
	uint64_t files; /* with a table now */
	uint64_t blocks;
	uint64_t added;
	uint64_t evicted;
	uint64_t failed; /* files that got no table */
};

struct unwind_tables;

/* Returns NULL on allocation failure. Copies the descriptors, which must stay open. */
struct unwind_tables *unwind_tables_new(const struct unwind_table_maps *maps);

/* Leaves the maps as they are. NULL is allowed. */
void unwind_tables_free(struct unwind_tables *tables);

/* Adds the table of a module that was loaded from the file with these facts, unless that file has
 * one or was tried before. `seen` is the file as a program has seen it, if its size and time of
 * change are those of `facts`; NULL: as the facts are. On some file systems, such as overlay, these
 * differ. Borrows all for the call. */
void unwind_tables_add(struct unwind_tables *tables, const struct module *module,
		       const struct file_facts *facts, const struct unwind_file_key *seen);

/* Returns current values, and sums since the start. */
void unwind_tables_get_statistics(const struct unwind_tables *tables,
				  struct unwind_tables_statistics *ret_statistics);

#endif
