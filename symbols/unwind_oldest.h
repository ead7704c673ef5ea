/* symbols/unwind_oldest.h - the oldest frames of a stack whose middle was not copied */
#ifndef SYMBOLS_UNWIND_OLDEST_H
#define SYMBOLS_UNWIND_OLDEST_H

#include "symbols/unwind_walk.h"

/* Adds the oldest frames to a call stack that was not unwound to its end, if they were copied. They
 * begin at a return address that call frame information carries on to the outermost frame. Every
 * call between them must be one of the function that it led to, as far as the code shows. Otherwise
 * nothing is added. */
void unwind_add_oldest(struct walk *walk);

#endif
