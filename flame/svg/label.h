/* flame/svg/label.h - names shortened so that the function can still be recognized */
#ifndef FLAME_SVG_LABEL_H
#define FLAME_SVG_LABEL_H
#include <stddef.h>

/* Longer names are truncated first, bytes. */
#define LABEL_NAME_MAX 1024u
/* Bytes of the longest label, with its NUL. */
#define LABEL_BYTES_MAX (LABEL_NAME_MAX + 8u)
/* A shorter label is omitted. */
#define LABEL_COLUMNS_MIN 2u
/* So is one that is truncated to fewer columns, including the ellipsis. */
#define LABEL_CUT_MIN 3u

/*
 * Writes the first of these that fits into `columns` of a fixed-width font: the name without its
 * suffix _[k]; without arguments; with empty template brackets; without the first, the first two,
 * ... components of its path or namespace; its start and an ellipsis. Writes an empty text if none
 * fits.
 *
 * `name` is valid UTF-8. Wide characters have two columns. Returns the columns of the label.
 * flame/svg/script/labels.js does the same.
 */
size_t label_fit(const char *name, size_t size, size_t columns, char label[LABEL_BYTES_MAX]);
#endif
