/* record/sections/section_usdt.c - finds the programs with the probes of diag/section.h */
#include "record/sections/section_usdt.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program_path.h"

#define NOTE_SECTION   ".note.stapsdt"
#define NOTE_TYPE      3
#define NOTE_ADDRESSES 24u /* of probe, base and semaphore */
#define FILES_MAX      4096u

/* Programs that were examined already. */
struct seen_files {
	struct {
		dev_t device;
		ino_t inode;
	} files[FILES_MAX];
	size_t count;
};

static bool is_our_note(const char *description, size_t size)
{
	return size > NOTE_ADDRESSES + sizeof(SECTION_USDT_PROVIDER) &&
	       memcmp(description + NOTE_ADDRESSES, SECTION_USDT_PROVIDER,
		      sizeof(SECTION_USDT_PROVIDER)) == 0;
}

static bool has_our_note(Elf_Data *data)
{
	size_t offset = 0, name_offset, description_offset;
	GElf_Nhdr header;

	while (data && (offset = gelf_getnote(data, offset, &header, &name_offset,
					      &description_offset)) > 0) {
		if (header.n_type == NOTE_TYPE &&
		    is_our_note((const char *)data->d_buf + description_offset, header.n_descsz))
			return true;
	}
	return false;
}

static bool has_our_probes(Elf *elf)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return false;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE)
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (name && strcmp(name, NOTE_SECTION) == 0 &&
		    has_our_note(elf_getdata(section, NULL)))
			return true;
	}
	return false;
}

bool section_usdt_is_in(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool has = false;
	struct stat status;
	Elf *elf;

	if (fd < 0)
		return false;
	(void)elf_version(EV_CURRENT);
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
		has = elf && elf_kind(elf) == ELF_K_ELF && has_our_probes(elf);
		(void)elf_end(elf);
	}
	(void)close(fd);
	return has;
}

static bool is_new(struct seen_files *seen, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0 || seen->count == FILES_MAX)
		return false;
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->files[i].device == status.st_dev && seen->files[i].inode == status.st_ino)
			return false;
	}
	seen->files[seen->count].device = status.st_dev;
	seen->files[seen->count++].inode = status.st_ino;
	return true;
}

void section_usdt_find(void (*found)(void *context, const char *path), void *context)
{
	struct seen_files *seen = calloc(1, sizeof(*seen));
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	char path[64];

	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while (seen && processes && (entry = readdir(processes))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%.20s/exe", entry->d_name);
		if (is_new(seen, path) && section_usdt_is_in(path))
			found(context, path);
	}
	if (processes)
		(void)closedir(processes);
	free(seen);
}

void section_usdt_find_in_command(const char *command,
				  void (*found)(void *context, const char *path), void *context)
{
	char path[PATH_MAX];

	if (strchr(command, '/')) {
		if (section_usdt_is_in(command))
			found(context, command);
		return;
	}
	if (program_path_find(command, path) && section_usdt_is_in(path))
		found(context, path);
}
