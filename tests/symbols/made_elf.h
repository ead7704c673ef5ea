/* tests/symbols/made_elf.h - valid and invalid ELF files for tests */
#ifndef TESTS_SYMBOLS_MADE_ELF_H
#define TESTS_SYMBOLS_MADE_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define MADE_ELF_SECTIONS_MAX 16u

/* Sections have the order in which they are added. One executable segment covers the file at
 * address 0x400000. Headers may be changed before made_elf_finish(). */
struct made_elf {
	Elf64_Ehdr header;
	Elf64_Shdr sections[MADE_ELF_SECTIONS_MAX];
	const void *contents[MADE_ELF_SECTIONS_MAX];
	size_t count;
	char names[512];
	size_t names_size;
};

#define MADE_ELF_ADDRESS UINT64_C(0x400000)

void made_elf_init(struct made_elf *elf);

/* Adds a section and borrows its bytes until made_elf_finish(). Returns its header;
 * made_elf_finish() sets sh_offset unless the caller does. */
Elf64_Shdr *made_elf_add(struct made_elf *elf, const char *name, uint32_t type, const void *bytes,
			 size_t size);

/* Returns the file, which the caller frees. */
uint8_t *made_elf_finish(struct made_elf *elf, size_t *ret_size);

#endif
