/* symbols/symbolizer.h - names for the frames of a chain */
#ifndef SYMBOLS_SYMBOLIZER_H
#define SYMBOLS_SYMBOLIZER_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/perf_map.h"
#include "symbols/unwind.h"

/* What a frame is called. Strings live as long as the module, map and mappings they come from. */
struct symbol {
	const char *name; /* as in the file (mangled), or NULL if it has none there */
	/* From the function's start; without a name from the module's link address 0; 0 if there is
	 * no module either: the addresses of one process tell nobody else anything. */
	uint64_t offset_bytes;
	/* Path of the file as the process saw it, "[vdso]", "[anonymous]" or "[unmapped]". */
	const char *module;
	const uint8_t *build_id;
	size_t build_id_bytes; /* 0 if there is none */
};

/* Always gives a symbol. The offset is that of the frame's pc, the function that of the call before
 * it. `perf_map` names code that was made at run time; NULL if the process has none. */
void symbolizer_name(const struct unwind_frame *frame, const struct perf_map *perf_map,
		     struct symbol *ret_symbol);

#endif
