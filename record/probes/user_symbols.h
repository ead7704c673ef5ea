/* record/probes/user_symbols.h - the functions of a program or library, under all of their names */
#ifndef RECORD_PROBES_USER_SYMBOLS_H
#define RECORD_PROBES_USER_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"

/* Of several functions with one name, those with the greatest rank are meant. */
enum user_symbol_rank {
	USER_SYMBOL_OLD,   /* an earlier version, kept for programs that were linked with it */
	USER_SYMBOL_LOCAL, /* of one source file */
	USER_SYMBOL_GLOBAL,
};

struct user_symbol {
	const char *name; /* as in the file (mangled) */
	uint64_t address; /* as linked */
	uint64_t file_offset;
	uint64_t size_bytes;
	enum user_symbol_rank rank;
	bool is_indirect; /* its code only chooses the function that runs under this name */
};

struct user_symbols {
	struct user_symbol *symbols; /* by name, the greatest rank first, then by address */
	size_t count;
	size_t capacity;
	char *names[2]; /* the string sections of both symbol tables */
};

/* Reads all functions of .symtab and .dynsym that have code in the file. Borrows `fd` for the call
 * only. The caller must call user_symbols_release(). Returns false and sets *ret_problem to a
 * reason if it is not an ELF file, or on allocation failure. */
bool user_symbols_read(int fd, struct user_symbols *ret_symbols, struct problem *ret_problem);

/* Returns the first symbol of that name, or NULL; *ret_count is the number of different functions
 * with it that have its rank. */
const struct user_symbol *user_symbols_find(const struct user_symbols *symbols, const char *name,
					    size_t *ret_count);

/* Sets *ret_offset to the offset in the file of code with that linked address. Borrows `fd`.
 * Returns false if there is no code. */
bool user_symbols_code_at(int fd, uint64_t address, uint64_t *ret_offset);

/* Zeroed symbols can be released, too. */
void user_symbols_release(struct user_symbols *symbols);

#endif
