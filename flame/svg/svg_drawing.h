/* flame/svg/svg_drawing.h - the state of an SVG file that is being written */
#ifndef FLAME_SVG_SVG_DRAWING_H
#define FLAME_SVG_SVG_DRAWING_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/svg/layout.h"
#include "flame/svg/subpixel.h"
#include "flame/svg/svg_data.h"
#include "flame/tree/flame_graph.h"

/* The class of merged frames. */
#define SVG_HIDDEN_CLASS "r"

/* A box on the page. */
struct svg_placed {
	struct layout_span span;
	uint8_t class;
	uint8_t ink; /* enum ink of svg_boxes.c */
};

/* Owns `placed` and `subpixel`, and borrows the rest. */
struct svg_drawing {
	FILE *stream;
	const struct flame_graph *graph;
	const struct svg_data *data;
	const struct presentation *presentation;
	struct layout layout;
	struct svg_placed *placed; /* by box */
	struct subpixel subpixel;
	uint64_t largest_change; /* of any frame, in a difference */
	bool diff;
};
#endif
