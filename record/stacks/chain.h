/* record/stacks/chain.h - an unwound user stack with names, independent of its mappings */
#ifndef RECORD_STACKS_CHAIN_H
#define RECORD_STACKS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/perf_map.h"
#include "symbols/unwind.h"
#include <dz/enums.h>
#include <dz/writer.h>

struct chain_frame {
	enum dz_frame_type type;
	const char *symbol;      /* NULL: no name */
	const char *module;      /* NULL: a marker */
	const uint8_t *build_id; /* NULL: none */
	size_t build_id_bytes;
	uint64_t offset_bytes; /* as dz_frame.offset */
	uint64_t module_offset_bytes;
};

/* One block of memory: the strings follow the frames. */
struct chain {
	size_t size_bytes;
	size_t count;
	bool is_rust;                /* it has a frame of a Rust program */
	bool is_passing;             /* it lacks a file that the next equal stack can have */
	struct chain_frame frames[]; /* the leaf first */
};

/* Symbolizes an unwound stack. If it did not reach its outermost frame, a marker with the reason is
 * added. `perf_map` has the names of generated code; NULL: none. Returns a chain that the caller
 * must free(), or NULL on allocation failure. */
struct chain *chain_of_result(const struct unwind_result *result, const struct perf_map *perf_map);

/* Returns a chain of one marker, such as "[lost]", or NULL on allocation failure. The caller must
 * free() it. */
struct chain *chain_of_marker(const char *text);

/* Interns the chain. Returns its reference in the current generation of the writer, 0 on failure.
 */
uint32_t chain_intern(const struct chain *chain, struct dz_writer *writer);

#endif
