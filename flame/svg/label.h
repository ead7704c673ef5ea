/* flame/svg/label.h - a name shortened so that what is left still says which function it is */
#ifndef FLAME_SVG_LABEL_H
#define FLAME_SVG_LABEL_H
#include <stddef.h>

/* Names longer than this are cut before anything else, in bytes. */
#define LABEL_NAME_MAX 1024u
/* Room for any label and its NUL. */
#define LABEL_BYTES_MAX (LABEL_NAME_MAX + 8u)
/* A label with fewer columns says nothing. */
#define LABEL_COLUMNS_MIN 3u
/* And so does one that is cut to fewer than these, the ellipsis included. */
#define LABEL_CUT_MIN 5u

/*
 * Writes the longest of these that fits into `columns` of a fixed-width font, or an empty text if
 * columns < LABEL_COLUMNS_MIN: the name without its suffix _[k]; without arguments; with empty
 * template brackets; without more and more of its leading path or namespace; its beginning and an
 * ellipsis. `name` is valid UTF-8. Wide characters count two columns. Returns the columns used.
 * flame/svg/script.js does the same for the boxes that it draws.
 */
size_t label_fit(const char *name, size_t size, size_t columns, char label[LABEL_BYTES_MAX]);
#endif
