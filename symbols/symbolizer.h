/* symbols/symbolizer.h - names of the frames of a call stack */
#ifndef SYMBOLS_SYMBOLIZER_H
#define SYMBOLS_SYMBOLIZER_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/perf_map.h"
#include "symbols/unwind.h"

/* The name of a frame. The strings live as long as the module, perf map and mappings. */
struct symbol {
	const char *name; /* as in the file (mangled); NULL: unknown */
	/* From the function's start; without a name, from the module's link address 0; 0 without a
	 * module, because an absolute address has no meaning outside its process. */
	uint64_t offset_bytes;
	/* Path of the file in the process's view, "[vdso]", "[vsyscall]", "[anonymous]" or
	 * "[unmapped]". */
	const char *module;
	const uint8_t *build_id;
	size_t build_id_bytes; /* 0 if there is none */
};

/* Sets *ret_symbol; cannot fail. The function is that of the call before the frame's pc, the offset
 * that of the pc itself. `perf_map` has names of code generated at run time; NULL if there is none.
 */
void symbolizer_name(const struct unwind_frame *frame, const struct perf_map *perf_map,
		     struct symbol *ret_symbol);

#endif
