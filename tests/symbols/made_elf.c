/* tests/symbols/made_elf.c - valid and invalid ELF files for tests */
#include "tests/symbols/made_elf.h"

#include <stdlib.h>
#include <string.h>

#define SECTIONS_OFFSET (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

void made_elf_init(struct made_elf *elf)
{
	memset(elf, 0, sizeof(*elf));
	memcpy(elf->header.e_ident, ELFMAG, SELFMAG);
	elf->header.e_ident[EI_CLASS] = ELFCLASS64;
	elf->header.e_ident[EI_DATA] = ELFDATA2LSB;
	elf->header.e_ident[EI_VERSION] = EV_CURRENT;
	elf->header.e_type = ET_DYN;
	elf->header.e_machine = EM_X86_64;
	elf->header.e_ehsize = sizeof(Elf64_Ehdr);
	elf->header.e_phoff = sizeof(Elf64_Ehdr);
	elf->header.e_phentsize = sizeof(Elf64_Phdr);
	elf->header.e_phnum = 1;
	elf->header.e_shentsize = sizeof(Elf64_Shdr);
	elf->names_size = 1;
	elf->count = 1;
}

Elf64_Shdr *made_elf_add(struct made_elf *elf, const char *name, uint32_t type, const void *bytes,
			 size_t size)
{
	Elf64_Shdr *section = &elf->sections[elf->count];

	section->sh_name = (uint32_t)elf->names_size;
	section->sh_type = type;
	section->sh_size = size;
	elf->contents[elf->count++] = bytes;
	memcpy(elf->names + elf->names_size, name, strlen(name) + 1);
	elf->names_size += strlen(name) + 1;
	return section;
}

uint8_t *made_elf_finish(struct made_elf *elf, size_t *ret_size)
{
	Elf64_Phdr segment = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = MADE_ELF_ADDRESS};
	size_t offsets[MADE_ELF_SECTIONS_MAX] = {0};
	size_t size = SECTIONS_OFFSET;
	uint8_t *bytes;

	made_elf_add(elf, ".shstrtab", SHT_STRTAB, elf->names, 0)->sh_size = sizeof(elf->names);
	for (size_t i = 1; i < elf->count; i++) {
		offsets[i] = size;
		if (elf->contents[i])
			size += elf->sections[i].sh_size;
		if (elf->sections[i].sh_offset == 0)
			elf->sections[i].sh_offset = offsets[i];
		if (elf->sections[i].sh_addr == 0)
			elf->sections[i].sh_addr = MADE_ELF_ADDRESS + offsets[i];
	}
	if (elf->header.e_shoff == 0)
		elf->header.e_shoff = size;
	if (elf->header.e_shnum == 0)
		elf->header.e_shnum = (uint16_t)elf->count;
	if (elf->header.e_shstrndx == 0)
		elf->header.e_shstrndx = (uint16_t)(elf->count - 1);
	segment.p_filesz = segment.p_memsz = size;
	*ret_size = size + elf->count * sizeof(elf->sections[0]);
	bytes = calloc(1, *ret_size);
	if (!bytes)
		abort();
	memcpy(bytes, &elf->header, sizeof(elf->header));
	memcpy(bytes + sizeof(elf->header), &segment, sizeof(segment));
	for (size_t i = 1; i < elf->count; i++) {
		if (elf->contents[i])
			memcpy(bytes + offsets[i], elf->contents[i], elf->sections[i].sh_size);
	}
	memcpy(bytes + size, elf->sections, elf->count * sizeof(elf->sections[0]));
	return bytes;
}
