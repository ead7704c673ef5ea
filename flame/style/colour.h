/* flame/style/colour.h - which colour a frame has, and the style sheet that says what it looks like
 */
#ifndef FLAME_STYLE_COLOUR_H
#define FLAME_STYLE_COLOUR_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flame/tree/name_table.h"

/* Each family has so many shades; a name has always the same one. */
#define COLOUR_SHADES  8u
#define COLOUR_CLASSES ((FRAME_TYPE_COUNT - 1) * COLOUR_SHADES)
/* Classes of a difference: 0 is the strongest decrease, the last one the strongest increase. */
#define COLOUR_DELTAS 13u

struct colour_palette;

/* NULL if there is no palette of that name ("type", "hot", "mem", ...). */
const struct colour_palette *colour_find(const char *name);

/* The names of all palettes with commas between them, for a message. */
const char *colour_list(void);

/* True for #rgb, #rrggbb, rgb(r,g,b) and a word of letters: what may go into a style sheet. */
bool colour_is_valid(const char *text);

/* 0 to COLOUR_CLASSES - 1. Depends on the name's text and family only. */
unsigned colour_class(const struct name *name);

/*
 * 0 to COLOUR_DELTAS - 1: how a frame changed, relative to the largest change of any frame. The
 * middle one is no change.
 */
unsigned colour_delta_class(uint64_t old_total, uint64_t new_total, uint64_t largest, bool negate);

/* A CSS class name such as k3 or d12. */
struct colour_name {
	char text[8];
};

/* Of a class that colour_class() gives, and one that colour_delta_class() gives. */
struct colour_name colour_class_name(unsigned class);
struct colour_name colour_delta_name(unsigned class);

/* Writes the rules of all classes. */
void colour_write_css(FILE *stream, const struct colour_palette *palette, bool deltas);
#endif
