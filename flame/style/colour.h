/* flame/style/colour.h - colours of frames, and their style sheet */
#ifndef FLAME_STYLE_COLOUR_H
#define FLAME_STYLE_COLOUR_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flame/tree/name_table.h"

/* Shades of each frame type; a name always has the same one. */
#define COLOUR_SHADES  8u
#define COLOUR_CLASSES ((FRAME_TYPE_COUNT - 1) * COLOUR_SHADES)
/* Classes of a difference: the first is the largest decrease, the last the largest increase. */
#define COLOUR_DELTAS 13u

struct colour_palette;

/* Returns the palette with this name ("type", "hot", "mem", ...), or NULL. Static. */
const struct colour_palette *colour_find(const char *name);

/* Returns the names of all palettes for a message, separated by commas. Static. */
const char *colour_list(void);

/* Whether the text is #rgb, #rrggbb, rgb(r,g,b) or a word of letters: safe in a style sheet. */
bool colour_is_valid(const char *text);

/* Returns 0 to COLOUR_CLASSES - 1. Depends only on the text and the type of the name. */
unsigned colour_class(const struct name *name);

/*
 * Returns 0 to COLOUR_DELTAS - 1: the change of a frame, relative to the largest change of any
 * frame. The middle one means no change. `negate` swaps increase and decrease.
 */
unsigned colour_delta_class(uint64_t old_total, uint64_t new_total, uint64_t largest, bool negate);

/* A CSS class name such as k3 or d12. */
struct colour_name {
	char text[8];
};

/* The names of classes from colour_class() and colour_delta_class(). */
struct colour_name colour_class_name(unsigned class);
struct colour_name colour_delta_name(unsigned class);

/* Whether the palette colours frames by their type, so that groups can replace the one type. */
bool colour_is_by_type(const struct colour_palette *palette);

/* Writes the rules of the classes of one type as distinct hues, for groups. Write it after
 * colour_write_css(), whose rules it replaces. */
void colour_write_group_css(FILE *stream, enum frame_type type);

/* Writes the rules of all classes of a palette or, with `deltas`, of a difference. */
void colour_write_css(FILE *stream, const struct colour_palette *palette, bool deltas);
#endif
