/* flame/svg/svg.h - a flame graph as one SVG file, complete without its script */
#ifndef FLAME_SVG_SVG_H
#define FLAME_SVG_SVG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/svg/svg_data.h"
#include "flame/tree/flame_graph.h"

/* How every file of svg_write() and svg_write_message() starts, and no other SVG. */
#define SVG_START                                                                                  \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"                           \
	"<!-- flame graph of diag-flame -->\n"
#define SVG_START_BYTES (sizeof(SVG_START) - 1)

/* Whether a file that starts with these bytes, at least SVG_START_BYTES, was written by this
 * program. */
bool svg_recognizes(const char *start, size_t size);

/* Writes the file. The caller must check the stream for errors. Returns FLAME_NO_MEMORY on
 * allocation failure; the file is then incomplete. */
enum flame_status svg_write(FILE *stream, const struct flame_graph *graph,
			    const struct svg_data *data, const struct presentation *presentation);

/* Writes an SVG with a message instead of a flame graph. */
void svg_write_message(FILE *stream, const char *message);
#endif
