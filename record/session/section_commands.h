/* record/session/section_commands.h - orders about sections, as lines of text */
#ifndef RECORD_RUN_ORDERS_H
#define RECORD_RUN_ORDERS_H

#include <stdio.h>

#include "record/options/options.h"
#include "record/sections/section_programs.h"

struct run_orders {
	struct run_programs *programs;
	const struct options *options;
};

/* Carries out one line, which it changes, and writes the answer (control.h). `context` is a struct
 * run_orders. */
void run_orders_carry_out(void *context, char *line, FILE *answer);

#endif
