/* flame/svg/svg.h - the picture as one SVG file that is complete without its script */
#ifndef FLAME_SVG_SVG_H
#define FLAME_SVG_SVG_H
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/svg/svg_data.h"
#include "flame/tree/flame_graph.h"

/* The caller looks for errors of the stream. FLAME_NO_MEMORY; then part of the file is missing. */
enum flame_status svg_write(FILE *stream, const struct flame_graph *graph,
			    const struct svg_data *data, const struct presentation *presentation);

/* A picture that says why there is none. */
void svg_write_message(FILE *stream, const char *message);
#endif
