/* analyze/fold/fold_svg.h - prints the stacks of a flame graph as folded lines */
#ifndef ANALYZE_FOLD_FOLD_SVG_H
#define ANALYZE_FOLD_FOLD_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* Whether the open file begins like an SVG. */
bool fold_svg_recognizes(int fd);

/*
 * Reads a flame graph and writes its stacks, all of them or none. Returns NULL, or the reason of a
 * failure: a static phrase. Write errors are in the stream.
 */
const char *fold_svg(int fd, bool annotate, FILE *stream);

#endif
