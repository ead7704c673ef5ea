/* flame/svg/svg_captions.h - the text above and below the boxes of a flame graph */
#ifndef FLAME_SVG_SVG_CAPTIONS_H
#define FLAME_SVG_SVG_CAPTIONS_H
#include "flame/svg/svg_drawing.h"

/* Heights of the text above and below the boxes, px. */
unsigned svg_captions_head_height(const struct presentation *presentation);
unsigned svg_captions_foot_height(const struct flame_graph *graph,
				  const struct presentation *presentation);

/* Write the title, its lines and the legend; and the note and tables of top functions. */
void svg_captions_draw_head(const struct svg_drawing *drawing);
void svg_captions_draw_foot(const struct svg_drawing *drawing);
#endif
