/* tests/analyze/lines/own_lines.h - a directory of debug files with the running program in it */
#ifndef TESTS_ANALYZE_LINES_OWN_LINES_H
#define TESTS_ANALYZE_LINES_OWN_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/lines/line_broker.h"
#include "analyze/trace/trace.h"
#include "symbols/elf_image.h"
#include "tests/analyze/scenario.h"

struct own_lines {
	char directory[64];
	char program[128]; /* the file in it */
	const char *list[1];
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
	uint64_t address; /* of the function own_lines_function(), as linked */
	uint32_t line;    /* where that begins */
};

/* Every function fails the test if it cannot do its work. */
void own_lines_make(struct own_lines *ret_own);
void own_lines_remove(struct own_lines *own);

/* Asks for debug files in the directory. Valid as long as *own. */
struct line_broker_places own_lines_places(struct own_lines *own);

/* An unnamed file with a trace of one death, of process 10, that was in own_lines_function() of a
 * program with this build-id. The caller closes it. */
int own_lines_trace(const struct own_lines *own);

/* Whether the death in that trace, and not just the trace, is there and has the function's name,
 * file and line. */
void own_lines_assert_found(struct trace *trace);
void own_lines_assert_not_found(struct trace *trace);

#endif
