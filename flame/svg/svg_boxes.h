/* flame/svg/svg_boxes.h - the boxes of a flame graph, as shapes */
#ifndef FLAME_SVG_SVG_BOXES_H
#define FLAME_SVG_SVG_BOXES_H
#include <stdbool.h>

#include "flame/svg/svg_drawing.h"

/* Decides where and how each box is drawn. Returns false on allocation failure. The caller must
 * call svg_boxes_release() in both cases. */
bool svg_boxes_place(struct svg_drawing *drawing);

/* Frees what svg_boxes_place() allocated. */
void svg_boxes_release(struct svg_drawing *drawing);

/* Writes all boxes as one <g> element. */
void svg_boxes_draw(const struct svg_drawing *drawing);
#endif
