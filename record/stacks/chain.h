/* record/stacks/chain.h - a chain of user frames with their names, independent of what they were
 * found with
 */
#ifndef RECORD_STACKS_CHAIN_H
#define RECORD_STACKS_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/perf_map.h"
#include "symbols/unwind.h"
#include <dz/enums.h>
#include <dz/writer.h>

struct chain_frame {
	enum dz_frame_type type;
	const char *symbol;      /* NULL if it has none */
	const char *module;      /* NULL for a marker */
	const uint8_t *build_id; /* NULL if it has none */
	size_t build_id_bytes;
	uint64_t offset_bytes; /* as dz_frame.offset */
	uint64_t module_offset_bytes;
};

/* One block of memory: the strings lie behind the frames. */
struct chain {
	size_t size_bytes;
	size_t count;
	struct chain_frame frames[]; /* the leaf first */
};

/* Names the frames of an unwound stack; one that did not reach its outermost frame ends with a
 * marker that says why. `perf_map` names code that was made at run time; NULL if nothing does. NULL
 * if there is no memory. Released with free(). */
struct chain *chain_of_result(const struct unwind_result *result, const struct perf_map *perf_map);

/* A chain of one marker, such as "[lost]". NULL if there is no memory. */
struct chain *chain_of_marker(const char *text);

/* The reference of the chain in the writer's current generation, 0 if that is not possible. */
uint32_t chain_intern(const struct chain *chain, struct dz_writer *writer);

#endif
