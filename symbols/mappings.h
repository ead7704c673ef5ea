/* symbols/mappings.h - what code is mapped where in one process
 *
 * Only executable mappings are kept. A struct mappings belongs to one thread; a copy shares nothing
 * with it but the struct mapped_files, which never change and are counted atomically, so a copy may
 * go to another thread. */
#ifndef SYMBOLS_MAPPINGS_H
#define SYMBOLS_MAPPINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/elf_image.h"
#include "symbols/status.h"

#define MAPPINGS_MAX            16384u
#define MAPPINGS_PATH_MAX_BYTES 4095u

/* Which file it was; as much as the source of the mapping tells, 0 where it does not. */
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
	int64_t seen_ns; /* Unix time at which the file was known to be mapped */
	char path[];     /* as the process saw it, raw bytes, without " (deleted)" */
};

/* A new file with one reference, or NULL if there is no memory. A longer path than
 * MAPPINGS_PATH_MAX_BYTES is cut. */
struct mapped_file *mapped_file_new(const struct file_identity *identity, const char *path,
				    int64_t seen_ns);
/* Adds a reference, for which mapped_file_release() has to follow, and returns the file. NULL stays
 * NULL. Any thread may. */
struct mapped_file *mapped_file_reference(struct mapped_file *file);
/* NULL is allowed. Any thread may. */
void mapped_file_release(struct mapped_file *file);

enum mapping_kind {
	MAPPING_FILE,
	MAPPING_ANONYMOUS, /* code made at run time; `file` is NULL */
	MAPPING_VDSO,
	MAPPING_VSYSCALL,
};

struct mapping {
	uint64_t start;
	uint64_t end; /* exclusive */
	uint64_t file_offset;
	struct mapped_file *file; /* of MAPPING_FILE */
	enum mapping_kind kind;
};

struct mappings {
	pid_t pid;               /* as the opener of files knows the process */
	struct mapping *entries; /* by start, without overlaps */
	size_t count;
	size_t capacity;
};

/* Without any mapping at first. */
void mappings_init(struct mappings *mappings, pid_t pid);

/* A released one may be released again. */
void mappings_release(struct mappings *mappings);

/* A copy for a snapshot or a forked child; *ret_copy must be released. */
MUST_CHECK enum symbols_status mappings_copy(const struct mappings *mappings, pid_t pid,
					     struct mappings *ret_copy);

/* Maps as mmap(MAP_FIXED) does: what lay there before is cut or gone. Takes its own reference to
 * the file. LIMIT if the process has more mappings than we keep (the oldest addresses stay);
 * CORRUPT if start is not below end. */
MUST_CHECK enum symbols_status mappings_add(struct mappings *mappings,
					    const struct mapping *mapping);

/* munmap, or a mapping that is no longer executable. */
MUST_CHECK enum symbols_status mappings_remove(struct mappings *mappings, uint64_t start,
					       uint64_t end);

/* exec */
void mappings_clear(struct mappings *mappings);

/* The mapping that holds `address`, or NULL; lives until the next change. */
const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address);

/* The kind that a name of the kernel's (as in /proc/PID/maps or in a perf mmap record) stands for.
 */
enum mapping_kind mapping_kind_of(const char *name);

/* Adds the executable mappings of the text that `fd` gives (/proc/PID/maps); lines that make no
 * sense are left out. The same file in several lines is one struct mapped_file. */
MUST_CHECK enum symbols_status mappings_read_proc(struct mappings *mappings, int fd);

#endif
