/* flame/style/text_table.h - the top functions and the hottest paths, for a terminal */
#ifndef FLAME_STYLE_TEXT_TABLE_H
#define FLAME_STYLE_TEXT_TABLE_H
#include <stdio.h>

#include "flame/style/presentation.h"
#include "flame/tree/view.h"

/* Of a finished view. The caller looks for errors of the stream. FLAME_NO_MEMORY. */
enum flame_status text_table_write(FILE *stream, const struct view *view,
				   const struct presentation *presentation);
#endif
