/* symbols/symbolizer.c - names of the frames of a call stack */
#include "symbols/symbolizer.h"

static const char *module_name(const struct mapping *mapping)
{
	static const char *const names[] = {
		[MAPPING_ANONYMOUS] = "[anonymous]",
		[MAPPING_VDSO] = "[vdso]",
		[MAPPING_VSYSCALL] = "[vsyscall]",
	};

	if (!mapping)
		return "[unmapped]";
	if (mapping_has_file(mapping))
		return mapping->file->path;
	return names[mapping->kind];
}

static bool find_function(const struct unwind_frame *frame, const struct perf_map *perf_map,
			  struct function *ret_function)
{
	const struct module *module = frame->module;

	if (!frame->mapping)
		return false;
	if (unwind_frame_is_jit(frame))
		return perf_map && perf_map_find(perf_map, frame->lookup_address, ret_function);
	return module && module->status == SYMBOLS_OK &&
	       module_find_function(module, frame->lookup_address, ret_function);
}

void symbolizer_name(const struct unwind_frame *frame, const struct perf_map *perf_map,
		     struct symbol *ret_symbol)
{
	/* The name is that of the call, one byte before the address that is shown. */
	uint64_t after_call =
		frame->kind == UNWIND_FRAME_RETURN || frame->kind == UNWIND_FRAME_POINTER;
	const struct module *module = frame->module;
	struct symbol symbol = {.module = module_name(frame->mapping)};
	struct function function;

	if (module && module->status == SYMBOLS_OK) {
		symbol.build_id = module->image.build_id;
		symbol.build_id_bytes = module->image.build_id_bytes;
	}
	if (find_function(frame, perf_map, &function)) {
		symbol.name = function.name;
		symbol.offset_bytes = function.offset_bytes + after_call;
	} else if (frame->mapping && unwind_frame_is_jit(frame)) {
		symbol.offset_bytes = frame->pc - frame->mapping->start;
	} else if (module) {
		symbol.offset_bytes = frame->lookup_address + after_call;
	}
	*ret_symbol = symbol;
}
