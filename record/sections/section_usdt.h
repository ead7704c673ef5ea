/* record/sections/section_usdt.h - finds the programs that have the probes of diag/section.h */
#ifndef RECORD_SECTIONS_SECTION_USDT_H
#define RECORD_SECTIONS_SECTION_USDT_H

#include <stdbool.h>

#define SECTION_PROBES_PROVIDER "diag"
#define SECTION_PROBES_START    "section_start"
#define SECTION_PROBES_STOP     "section_stop"

/* Whether an ELF file has them. A file that cannot be read has none. */
bool section_probes_are_in(const char *path);

/* Calls found() for the program of each running process that has them, each file once, with a path
 * that is valid during the call only. */
void section_probes_find(void (*found)(void *context, const char *path), void *context);

/* The same for a command that is not running yet, as execvp() would find it. */
void section_probes_in_command(const char *command, void (*found)(void *context, const char *path),
			       void *context);

#endif
