/* record/sections/section_usdt.h - finds the programs with the probes of diag/section.h */
#ifndef RECORD_SECTIONS_SECTION_USDT_H
#define RECORD_SECTIONS_SECTION_USDT_H

#include <stdbool.h>

#define SECTION_USDT_PROVIDER "diag"
#define SECTION_USDT_START    "section_start"
#define SECTION_USDT_STOP     "section_stop"

/* Returns whether an ELF file has the probes; false if it cannot be read. */
bool section_usdt_is_in(const char *path);

/* Calls found() once for each program with the probes that a process is running. The path is valid
 * only during the call. */
void section_usdt_find(void (*found)(void *context, const char *path), void *context);

/* The same for a command that is not running yet, found as by execvp(). */
void section_usdt_find_in_command(const char *command,
				  void (*found)(void *context, const char *path), void *context);

#endif
