/* symbols/elf_image.h - the headers of one ELF file: segments, sections, build ID
 *
 * Any user of the machine can provide the files, and the reader may be root. So a file is read in
 * bounded pieces, and never mapped: it may be truncated meanwhile. Each count and size is checked
 * against a limit before memory is allocated. Nothing is read before it is needed. Few parts of an
 * ELF file are needed; a general library would bring all its other features. Only
 * little-endian files are read, of 64 and 32 bits. */
#ifndef SYMBOLS_ELF_IMAGE_H
#define SYMBOLS_ELF_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

#define ELF_IMAGE_SEGMENTS_MAX    64u
#define ELF_IMAGE_SECTIONS_MAX    8192u
#define ELF_IMAGE_NAMES_MAX_BYTES (1u << 20)
#define ELF_IMAGE_BUILD_ID_MAX    32u
#define ELF_IMAGE_PART_BYTES      ((size_t)1 << 20) /* read at once */

struct elf_segment {
	uint64_t address; /* as linked */
	uint64_t file_offset;
	uint64_t file_bytes;
	bool executable;
};

struct elf_section {
	const char *name; /* "" if it has none */
	uint32_t type;    /* SHT_... */
	uint32_t link;
	uint64_t flags; /* SHF_... */
	uint64_t address;
	uint64_t file_offset;
	uint64_t size_bytes; /* within the file, unless type is SHT_NOBITS */
};

/* Reads a file that is not this process's to read. */
struct elf_source {
	/* Reads exactly `size_bytes`, at most ELF_IMAGE_PART_BYTES. Returns CORRUPT if the file
	 * ends before, IO or TIMEOUT. */
	enum symbols_status (*read)(void *context, int fd, uint64_t offset, void *buffer,
				    size_t size_bytes);
	/* Sets *ret_size_bytes to the size of the file. */
	enum symbols_status (*measure)(void *context, int fd, uint64_t *ret_size_bytes);
	/* Returns whether a read has timed out since the last call of measure(). */
	bool (*has_timed_out)(const void *context);
	/* Returns whether to go on with the load, asked before each part is read and between steps
	 * of long work. `ends`: how often a load of this file was ended before. After false,
	 * has_timed_out() returns true. NULL: always */
	bool (*may_go_on)(void *context, unsigned int ends);
	void *context;
};

/* What the parts of a file may take, which others use too. */
struct elf_budget {
	const struct elf_source *source; /* borrowed; asked whether to go on; NULL: always go on */
	size_t left_bytes;               /* of memory */
	unsigned int ends; /* how often a load of this file was ended before, then this one too */
	bool is_ended;     /* this load was */
};

struct elf_image {
	const struct elf_source *source; /* borrowed; NULL: `fd` can be read */
	int fd;                          /* borrowed; -1 if the image is in memory */
	const uint8_t *memory;           /* borrowed */
	struct elf_budget *budget;       /* borrowed; NULL: no limit */
	uint64_t size_bytes;
	uint16_t machine; /* EM_... */
	bool is_32bit;    /* ELFCLASS32 */
	size_t segment_count;
	struct elf_segment segments[ELF_IMAGE_SEGMENTS_MAX];
	uint64_t eh_frame_header_address; /* PT_GNU_EH_FRAME; 0 if there is none */
	size_t section_count;
	struct elf_section *sections;
	char *section_names;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes; /* 0 if there is none */
};

/* Reads the headers. Borrows `fd`, which must be a regular file, until elf_image_release(). Returns
 * FOREIGN if it is not such an ELF file, REFUSED, CORRUPT, LIMIT, IO or NO_MEMORY. */
MUST_CHECK enum symbols_status elf_image_open(int fd, struct elf_image *ret_image);

/* The same for a file that `source` reads, which is borrowed too. NULL: `fd` can be read. Also
 * returns the errors of the source. */
MUST_CHECK enum symbols_status elf_image_open_source(const struct elf_source *source, int fd,
						     struct elf_image *ret_image);

/* The same for the bytes of a file in memory, such as the vDSO. Borrows `bytes`. */
MUST_CHECK enum symbols_status elf_image_open_memory(const void *bytes, size_t size_bytes,
						     struct elf_image *ret_image);

/* Frees the section table. The image may be zeroed or released already. Segments and build ID stay.
 */
void elf_image_release(struct elf_image *image);

/* Reads exactly `size_bytes`. Returns CORRUPT if they are not within the file, IO, or TIMEOUT if
 * the load must not go on. */
MUST_CHECK enum symbols_status elf_image_read(const struct elf_image *image, uint64_t offset,
					      void *buffer, size_t size_bytes);

/* Reads exactly `size_bytes` of a file that can be read. Returns CORRUPT if it ends before, or IO.
 */
MUST_CHECK enum symbols_status elf_image_read_file(int fd, uint64_t offset, void *buffer,
						   size_t size_bytes);

/* Returns the first section of that name with contents in the file, or NULL. */
const struct elf_section *elf_image_section(const struct elf_image *image, const char *name);

/* Returns the first section of that type, or NULL. */
const struct elf_section *elf_image_section_of_type(const struct elf_image *image, uint32_t type);

/* Returns whether to go on with long work on the file, as the source of its budget says. */
MUST_CHECK bool elf_image_may_go_on(const struct elf_image *image);

/* Takes memory from the budget of the image, if it has one. Returns false if less is left. */
MUST_CHECK bool elf_image_take(const struct elf_image *image, size_t size_bytes);

/* Gives back to the budget what elf_image_take() took. */
void elf_image_give(const struct elf_image *image, size_t size_bytes);

/* Reads a whole section of at most `limit_bytes` and decompresses it if needed. Takes its bytes
 * from the budget. The caller frees *ret_bytes. Returns NOT_FOUND for an empty section or an
 * unknown compression, LIMIT, MEMORY_LIMIT, TIMEOUT, CORRUPT, IO or NO_MEMORY. */
MUST_CHECK enum symbols_status elf_image_load_section(const struct elf_image *image,
						      const struct elf_section *section,
						      size_t limit_bytes, uint8_t **ret_bytes,
						      size_t *ret_size_bytes);

/* Reads `count` symbols of a symbol table, whose first one has this file offset, as 64-bit ones.
 * The memory must have room for `count` symbols. Returns the errors of elf_image_read(). */
MUST_CHECK enum symbols_status elf_image_read_symbols(const struct elf_image *image,
						      uint64_t offset, size_t count,
						      Elf64_Sym *ret_symbols);

/* Bytes of one symbol in the file. */
size_t elf_image_symbol_bytes(const struct elf_image *image);

/* Sets *ret_address to the linked address of a byte of the file. Prefers executable segments where
 * segments share a page. Returns false if it is in no segment. */
MUST_CHECK bool elf_image_offset_to_address(const struct elf_image *image, uint64_t file_offset,
					    uint64_t *ret_address);

/* Sets *ret_file_offset to the offset of the byte with that linked address. Returns false if it is
 * in no segment, or not in the file. */
MUST_CHECK bool elf_image_address_to_offset(const struct elf_image *image, uint64_t address,
					    uint64_t *ret_file_offset);

#endif
