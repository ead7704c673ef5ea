/* record/stacks/mapped_file_cache.h - files that processes have mapped, opened while they can be
 *
 * A program may be deleted right after it was started, or be gone with its container when its last
 * stack is read. So each file is opened when it is first seen mapped, through the process that maps
 * it, and stays open as long as a process maps it and a little longer: a deleted file takes no more
 * room on the disk than it does for its users. The same file is one struct mapped_file for all who
 * map it.
 *
 * One thread interns and sweeps; file_keeper_open() may be called by another one at the same time.
 */
#ifndef RECORD_FILE_KEEPER_H
#define RECORD_FILE_KEEPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

#define FILE_KEEPER_ENTRIES_MAX 16384u
#define FILE_KEEPER_UNUSED_NS   UINT64_C(30000000000)

struct file_keeper_statistics {
	size_t files;
	size_t open_files;
	uint64_t opened;
	uint64_t not_opened; /* attempts that failed */
};

struct file_keeper;

/* At most `open_max` files are open at a time; those not seen for longest are closed first. */
MUST_CHECK enum symbols_status file_keeper_new(size_t open_max, struct file_keeper **ret_keeper);
/* NULL is allowed. Files given out live on. */
void file_keeper_free(struct file_keeper *keeper);

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
struct mapped_file *file_keeper_intern(struct file_keeper *keeper,
				       const struct file_sighting *sighting);

/* Closes and forgets files that nobody has mapped for FILE_KEEPER_UNUSED_NS. */
void file_keeper_sweep(struct file_keeper *keeper, uint64_t now_ns);

/* Opens the file of a mapping: a duplicate of the one that is kept or, failing that, by its path.
 * Fits struct module_cache_options: `context` is the keeper. The caller closes *ret_fd. */
MUST_CHECK enum symbols_status file_keeper_open(void *context, pid_t pid,
						const struct mapping *mapping, int *ret_fd);

/* As of now. Any thread may ask. */
void file_keeper_get_statistics(struct file_keeper *keeper,
				struct file_keeper_statistics *ret_statistics);

#endif
