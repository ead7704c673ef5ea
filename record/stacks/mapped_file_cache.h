/* record/stacks/mapped_file_cache.h - files that processes have mapped, opened while they can be
 *
 * A program may be deleted right after it was started, or be gone with its container when its last
 * stack is read. So each file is opened when it is first seen mapped, through the process that maps
 * it, and stays open as long as a process maps it and a little longer: a deleted file takes no more
 * room on the disk than it does for its users. The same file is one struct mapped_file for all who
 * map it.
 *
 * One thread interns and sweeps; mapped_file_cache_open() may be called by another one at the same
 * time.
 */
#ifndef RECORD_STACKS_MAPPED_FILE_CACHE_H
#define RECORD_STACKS_MAPPED_FILE_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

#define MAPPED_FILE_CACHE_ENTRIES_MAX 16384u
#define MAPPED_FILE_CACHE_UNUSED_NS   UINT64_C(30000000000)

struct mapped_file_cache_statistics {
	size_t files;
	size_t open_files;
	uint64_t opened;
	uint64_t not_opened; /* attempts that failed */
};

struct mapped_file_cache;

/* At most `open_max` files are open at a time; those not seen for longest are closed first. */
MUST_CHECK enum symbols_status mapped_file_cache_new(size_t open_max,
						     struct mapped_file_cache **ret_keeper);
/* NULL is allowed. Files given out live on. */
void mapped_file_cache_free(struct mapped_file_cache *keeper);

/* A file as it was seen mapped by a process that may still be there. */
struct file_sighting {
	pid_t pid;
	uint64_t start; /* of the mapping */
	uint64_t end;
	const struct file_identity *identity;
	const char *path; /* as the process saw it, without " (deleted)" */
	int64_t seen_ns;  /* Unix time */
	uint64_t now_ns;  /* CLOCK_BOOTTIME */
};

/* The file with a new reference, opened if it was not yet; NULL if there is no memory. */
struct mapped_file *mapped_file_cache_intern(struct mapped_file_cache *keeper,
					     const struct file_sighting *sighting);

/* Closes and forgets files that nobody has mapped for MAPPED_FILE_CACHE_UNUSED_NS. */
void mapped_file_cache_sweep(struct mapped_file_cache *keeper, uint64_t now_ns);

/* Opens the file of a mapping: a duplicate of the one that is kept or, failing that, by its path.
 * Fits struct module_cache_options: `context` is the keeper. The caller closes *ret_fd. */
MUST_CHECK enum symbols_status mapped_file_cache_open(void *context, pid_t pid,
						      const struct mapping *mapping, int *ret_fd);

/* As of now. Any thread may ask. */
void mapped_file_cache_get_statistics(struct mapped_file_cache *keeper,
				      struct mapped_file_cache_statistics *ret_statistics);

#endif
