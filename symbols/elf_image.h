/* symbols/elf_image.h - the skeleton of one ELF file: segments, sections, build-id
 *
 * The files come from whoever runs programs on the machine, and the reader may be root. So a file
 * is never mapped (it may be truncated meanwhile) but read in bounded pieces, each count and size
 * meets a limit before memory is taken, and nothing is read that was not asked for. What is needed
 * of an ELF file is little; a general library would bring along everything else that it can do.
 * Only 64-bit little-endian files are read. */
#ifndef SYMBOLS_ELF_IMAGE_H
#define SYMBOLS_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define ELF_IMAGE_SEGMENTS_MAX    64u
#define ELF_IMAGE_SECTIONS_MAX    8192u
#define ELF_IMAGE_NAMES_MAX_BYTES (1u << 20)
#define ELF_IMAGE_BUILD_ID_MAX    32u

struct elf_segment {
	uint64_t address; /* as linked */
	uint64_t file_offset;
	uint64_t file_bytes;
	bool executable;
};

struct elf_section {
	const char *name; /* "" if the file gives none */
	uint32_t type;    /* SHT_... */
	uint32_t link;
	uint64_t flags; /* SHF_... */
	uint64_t address;
	uint64_t file_offset;
	uint64_t size_bytes; /* within the file, unless type is SHT_NOBITS */
};

struct elf_image {
	int fd;                /* borrowed; -1 if the image is in memory */
	const uint8_t *memory; /* borrowed */
	uint64_t size_bytes;
	uint16_t machine; /* EM_... */
	size_t segment_count;
	struct elf_segment segments[ELF_IMAGE_SEGMENTS_MAX];
	uint64_t eh_frame_header_address; /* PT_GNU_EH_FRAME; 0 if there is none */
	size_t section_count;
	struct elf_section *sections;
	char *section_names;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes; /* 0 if there is none */
};

/* Reads the skeleton. `fd` is borrowed until elf_image_release() and must be a regular file. */
MUST_CHECK enum symbols_status elf_image_open(int fd, struct elf_image *ret_image);

/* The same for an image that lies in memory as it does in a file (the vDSO); `bytes` is borrowed.
 */
MUST_CHECK enum symbols_status elf_image_open_memory(const void *bytes, size_t size_bytes,
						     struct elf_image *ret_image);

/* A zeroed or released image may be released again. */
void elf_image_release(struct elf_image *image);

/* Reads exactly `size_bytes` or fails with CORRUPT (not within the file) or IO. */
MUST_CHECK enum symbols_status elf_image_read(const struct elf_image *image, uint64_t offset,
					      void *buffer, size_t size_bytes);

/* The first section of that name with contents in the file, or NULL. */
const struct elf_section *elf_image_section(const struct elf_image *image, const char *name);

/* The first section of that type, or NULL. */
const struct elf_section *elf_image_section_of_type(const struct elf_image *image, uint32_t type);

/* Reads a whole section of at most `limit_bytes`, decompressed if it is compressed, into memory
 * that the caller frees. An empty section is NOT_FOUND. */
MUST_CHECK enum symbols_status elf_image_load_section(const struct elf_image *image,
						      const struct elf_section *section,
						      size_t limit_bytes, uint8_t **ret_bytes,
						      size_t *ret_size_bytes);

/* Where a byte of the file is linked to run; executable segments win where segments share a page.
 */
MUST_CHECK bool elf_image_offset_to_address(const struct elf_image *image, uint64_t file_offset,
					    uint64_t *ret_address);

/* Where in the file the byte that is linked to run at `address` lies; false if it is in no segment,
 * or not in the file. */
MUST_CHECK bool elf_image_address_to_offset(const struct elf_image *image, uint64_t address,
					    uint64_t *ret_file_offset);

#endif
