/* record/stacks/file_facts.h - attributes of an open file, as its file system reports them */
#ifndef RECORD_STACKS_FILE_FACTS_H
#define RECORD_STACKS_FILE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "symbols/elf_image.h"

struct file_facts {
	uint64_t inode;
	uint64_t size_bytes;
	int64_t changed_s; /* its inode */
	int64_t modified_s;
	uint32_t changed_ns;
	uint32_t modified_ns;
	uint32_t device_major;
	uint32_t device_minor;
	uint32_t build_id_bytes; /* 0: none, or not an ELF file */
	bool is_elf;
	/* Its descriptor can be read, and reading it needs no reader: it is on the mount of the
	 * root directory. Without that file system the machine stands still anyway. */
	bool is_readable;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
};

#endif
