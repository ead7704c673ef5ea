/* symbols/mappings.h - the executable mappings of one process
 *
 * A struct mappings belongs to one thread. A copy shares only the struct mapped_files, which never
 * change and have atomic reference counts, so another thread may use the copy. */
#ifndef SYMBOLS_MAPPINGS_H
#define SYMBOLS_MAPPINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/line_reader.h"
#include "symbols/elf_image.h"
#include "symbols/status.h"

#define MAPPINGS_MAX            16384u
#define MAPPINGS_PATH_MAX_BYTES 4095u

/* Identity of a mapped file; 0 where the source of the mapping does not provide a field. */
struct file_identity {
	uint32_t device_major;
	uint32_t device_minor;
	uint64_t inode;
	uint64_t generation;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
};

struct mapped_file {
	atomic_uint references;
	struct file_identity identity;
	int64_t seen_ns; /* Unix time at which the file was seen mapped */
	char path[];     /* in the process's view, raw bytes, without " (deleted)" */
};

/* Returns a new file with one reference. Copies identity and path; a path longer than
 * MAPPINGS_PATH_MAX_BYTES is truncated. Returns NULL on allocation failure. */
struct mapped_file *mapped_file_new(const struct file_identity *identity, const char *path,
				    int64_t seen_ns);
/* Returns a new reference to the file, for which mapped_file_release() must be called; NULL for
 * NULL. May be called in any thread. */
struct mapped_file *mapped_file_reference(struct mapped_file *file);
/* Drops a reference and frees the file with the last one. May be NULL, and called in any thread. */
void mapped_file_release(struct mapped_file *file);

enum mapping_kind {
	MAPPING_FILE,
	MAPPING_ANONYMOUS, /* code generated at run time; `file` is NULL */
	MAPPING_VDSO,
	MAPPING_VSYSCALL,
	MAPPING_MEMFD, /* a file without a path: a program, or code generated at run time */
};

struct mapping {
	uint64_t start;
	uint64_t end; /* exclusive */
	uint64_t file_offset;
	struct mapped_file *file; /* of MAPPING_FILE and MAPPING_MEMFD */
	enum mapping_kind kind;
};

/* Whether the mapping is of a file that can be read. */
static inline bool mapping_has_file(const struct mapping *mapping)
{
	return mapping->kind == MAPPING_FILE || mapping->kind == MAPPING_MEMFD;
}

struct mappings {
	pid_t pid;               /* as module_cache_options.open() gets it */
	struct mapping *entries; /* by start, without overlaps */
	size_t count;
	size_t capacity;
};

/* Initializes an empty table. */
void mappings_init(struct mappings *mappings, pid_t pid);

/* Frees the memory. The table is empty afterwards and can be used again. */
void mappings_release(struct mappings *mappings);

/* Copies the table, for a snapshot or a forked child. The caller must release *ret_copy. Returns
 * NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status mappings_copy(const struct mappings *mappings, pid_t pid,
					     struct mappings *ret_copy);

/* Adds a mapping like mmap(MAP_FIXED): overlapping mappings are shortened or removed. Takes a new
 * reference to the file. Returns LIMIT beyond MAPPINGS_MAX (the other mappings stay), CORRUPT if
 * start is not below end, or NO_MEMORY. */
MUST_CHECK enum symbols_status mappings_add(struct mappings *mappings,
					    const struct mapping *mapping);

/* Removes a range, as for munmap or a mapping that is no longer executable. Returns LIMIT or
 * NO_MEMORY if a hole splits a mapping and there is no room for its second part. */
MUST_CHECK enum symbols_status mappings_remove(struct mappings *mappings, uint64_t start,
					       uint64_t end);

/* Removes all mappings, as for exec. */
void mappings_clear(struct mappings *mappings);

/* Returns the mapping that contains `address`, or NULL. It is valid until the next change. */
const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address);

/* Returns the kind of a mapping with this name, as in /proc/PID/maps or an mmap event. */
enum mapping_kind mapping_kind_of(const char *name);

/* Adds the executable mappings from `fd` (/proc/PID/maps). Skips invalid lines. Successive lines of
 * one file share a struct mapped_file. Returns LIMIT, IO or NO_MEMORY. */
MUST_CHECK enum symbols_status mappings_read_proc(struct mappings *mappings, int fd);

/* The same from a source of bytes, and at most `limit_bytes` of them. */
MUST_CHECK enum symbols_status mappings_read_source(struct mappings *mappings,
						    const struct line_source *source,
						    uint64_t limit_bytes);

#endif
