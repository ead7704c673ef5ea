/* record/probes/usdt_notes.h - the USDT probes of a program or library (section .note.stapsdt) */
#ifndef RECORD_PROBES_USDT_NOTES_H
#define RECORD_PROBES_USDT_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"

/* One place of a probe; a probe can have many. The texts are borrowed from the notes. */
struct usdt_note {
	const char *provider;
	const char *name;
	const char *arguments; /* such as "-4@%edi 8@16(%rsp)" */
};

struct usdt_notes {
	struct usdt_note *notes; /* by provider and name */
	size_t count;
	size_t capacity;
	uint8_t *bytes;
};

/* Reads the notes of an ELF file; none is no failure. Borrows `fd` for the call only. The caller
 * must call usdt_notes_release(). Returns false and sets *ret_problem to a reason if it is not an
 * ELF file, or on allocation failure. */
bool usdt_notes_read(int fd, struct usdt_notes *ret_notes, struct problem *ret_problem);

/* Takes apart the contents of such a section, which it borrows until the notes are released. Skips
 * other notes, and ends at one that does not fit. Returns false on allocation failure. */
bool usdt_notes_parse(const uint8_t *bytes, size_t size, size_t address_bytes,
		      struct usdt_notes *notes);

/* Zeroed notes can be released, too. */
void usdt_notes_release(struct usdt_notes *notes);

#endif
