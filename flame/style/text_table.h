/* flame/style/text_table.h - top functions and hottest paths, for a terminal */
#ifndef FLAME_STYLE_TEXT_TABLE_H
#define FLAME_STYLE_TEXT_TABLE_H
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/tree/view.h"

/* Writes the tables of a finished view. The caller must check the stream for errors. Returns
 * FLAME_NO_MEMORY on allocation failure. */
enum flame_status text_table_write(FILE *stream, const struct view *view,
				   const struct presentation *presentation);
#endif
