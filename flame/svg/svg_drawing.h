/* flame/svg/svg_drawing.h - the parts of an SVG file, and what they have in common */
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

/* The class of what is merged. */
#define SVG_HIDDEN_CLASS "r"

/* A box on the page. */
struct svg_placed {
	struct layout_span span;
	uint8_t class;
	uint8_t ink; /* of svg_boxes.c: how it is drawn */
};

/* One file on its way out. Everything but `placed` and `subpixel` is borrowed. */
struct svg_drawing {
	FILE *stream;
	const struct flame_graph *picture;
	const struct svg_data *data;
	const struct presentation *presentation;
	struct layout layout;
	struct svg_placed *placed; /* by box */
	struct subpixel subpixel;
	uint64_t largest_change; /* of a difference */
	bool diff;
};

/* The text, escaped; the second cuts it off, visibly, after at most `limit` bytes. */
void svg_put_text(FILE *stream, const char *text);
void svg_put_cut(FILE *stream, const char *text, size_t size, size_t limit);

/* A <text> element; `class` is ours. */
void svg_put_line(FILE *stream, const char *class, unsigned x, unsigned y, const char *text);

/* svg_boxes.c: finds out where and how each box is drawn. False without memory; to be released
 * either way. */
bool svg_boxes_place(struct svg_drawing *drawing);
void svg_boxes_release(struct svg_drawing *drawing);
void svg_boxes_draw(const struct svg_drawing *drawing);

/* svg_words.c: what stands above and below the boxes; heights are in px. */
unsigned svg_captions_head_height(const struct presentation *presentation);
unsigned svg_captions_foot_height(const struct flame_graph *picture);
void svg_captions_draw_head(const struct svg_drawing *drawing);
void svg_captions_draw_foot(const struct svg_drawing *drawing);
#endif
