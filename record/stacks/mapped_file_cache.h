/* record/stacks/mapped_file_cache.h - cache of files that processes mapped, opened in time
 *
 * A program can be deleted right after its start, or disappear with its container before its last
 * stack is unwound. Therefore each file is opened when its first mapping is seen, through the
 * process that maps it. It stays open while a process maps it, and at least 30 s; so a deleted file
 * does not occupy the disk much longer. All mappings of a file share one struct mapped_file.
 *
 * One thread interns and sweeps. Another one can call mapped_file_cache_open() at the same time.
 */
#ifndef RECORD_STACKS_MAPPED_FILE_CACHE_H
#define RECORD_STACKS_MAPPED_FILE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/stacks/file_reader.h"
#include "symbols/mappings.h"
#include "symbols/status.h"

#define MAPPED_FILE_CACHE_ENTRIES_MAX 16384u
#define MAPPED_FILE_CACHE_UNUSED_NS   UINT64_C(30000000000)

struct mapped_file_cache_statistics {
	size_t files;
	size_t open_files;
	uint64_t opened;
	uint64_t not_opened;  /* attempts without success */
	uint64_t over_budget; /* reads that were refused, as too much was read of a file or for a
			       * user, or as stacks of other users had to wait */
};

struct mapped_file_cache;

/* At most `open_max` files are open at a time; of the user with the most, the least recently seen
 * are closed first. The same holds for MAPPED_FILE_CACHE_ENTRIES_MAX. Returns NO_MEMORY on
 * allocation failure. */
MUST_CHECK enum symbols_status mapped_file_cache_new(size_t open_max,
						     struct mapped_file_cache **ret_cache);
/* From now on a helper process opens and reads the files: mapped_file_cache_intern() does not wait
 * for a file. The reader's thread must have ended before mapped_file_cache_free(). Borrows it. */
void mapped_file_cache_use_reader(struct mapped_file_cache *cache, struct file_reader *reader);

/* Returns the reader; NULL: none. Thread-safe after the start. */
struct file_reader *mapped_file_cache_reader(const struct mapped_file_cache *cache);

/* Sets *ret_identity to that of the entry that was joined with this file by now, if there is one. A
 * callback of struct module_cache_options; `context` is the cache. */
void mapped_file_cache_identify(void *context, const struct mapped_file *file,
				struct file_identity *ret_identity);

/* Returns how to read the descriptors of mapped_file_cache_open(), for the thread that calls that;
 * NULL without a reader. The cache owns it. */
const struct elf_source *mapped_file_cache_source(struct mapped_file_cache *cache);

/* How far a load is. */
struct load_progress {
	unsigned int ends;  /* how often a load of the file was ended before */
	uint64_t waited_ns; /* for the reader */
};

/* Asked while a file is loaded, in the thread that calls mapped_file_cache_open(): after true the
 * load ends, as if the file could not be read in time. `context` is borrowed. Needs a reader. */
void mapped_file_cache_set_stop(struct mapped_file_cache *cache,
				bool (*must_stop)(void *context,
						  const struct load_progress *progress),
				void *context);

/* Returns how often a file could not be opened or read in time, or was refused, for the thread that
 * calls mapped_file_cache_open(). */
uint64_t mapped_file_cache_untimely(const struct mapped_file_cache *cache);

/* Returns what the file system says of the file that mapped_file_cache_open() has opened last. */
MUST_CHECK enum symbols_status mapped_file_cache_measure(struct mapped_file_cache *cache, int fd,
							 struct file_facts *ret_facts);

/* Files with other references stay valid. NULL is allowed. */
void mapped_file_cache_free(struct mapped_file_cache *cache);

/* A mapping of a file, seen in a process that can have ended by now. */
struct file_sighting {
	pid_t pid;
	uint64_t start; /* of the mapping */
	uint64_t end;
	const struct file_identity *identity;
	const char *path; /* as the process saw it, without " (deleted)" */
	int64_t seen_ns;  /* Unix time */
	uint64_t now_ns;  /* CLOCK_BOOTTIME */
	bool is_new;      /* mapped just now, so that it can be gone soon */
};

/* Returns a new reference to the file, and opens it if it is not open; with a reader later. Returns
 * NULL on allocation failure. */
struct mapped_file *mapped_file_cache_intern(struct mapped_file_cache *cache,
					     const struct file_sighting *sighting);

/* Closes and removes files that no process has mapped for MAPPED_FILE_CACHE_UNUSED_NS. */
void mapped_file_cache_sweep(struct mapped_file_cache *cache, uint64_t now_ns);

/* Opens the file of a mapping: duplicates the descriptor in the cache, or opens it by its path. A
 * callback of struct module_cache_options; `context` is the cache. The caller must close *ret_fd.
 */
MUST_CHECK enum symbols_status mapped_file_cache_open(void *context, pid_t pid,
						      const struct mapping *mapping, int *ret_fd);

/* Returns the current values. Thread-safe. */
void mapped_file_cache_get_statistics(struct mapped_file_cache *cache,
				      struct mapped_file_cache_statistics *ret_statistics);

#endif
