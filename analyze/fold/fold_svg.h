/* analyze/fold/fold_svg.h - diag-fold of a picture: its stacks as lines of text */
#ifndef ANALYZE_FOLD_FOLD_SVG_H
#define ANALYZE_FOLD_FOLD_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* Whether the open file begins as an SVG does. */
bool fold_picture_recognizes(int fd);

/*
 * Reads the picture and writes its stacks, all of them or none. NULL, or why it cannot: a static
 * phrase. Failures of writing are in the stream.
 */
const char *fold_picture(int fd, bool annotate, FILE *stream);

#endif
