/* symbols/module_cache.h - the modules in use, within a memory budget
 *
 * Belongs to one thread.
 *
 * Example with a budget of 24 MiB: a stack needs module A (6 MiB), then B (14 MiB), then C (7 MiB).
 * The cache holds 27 MiB while the stack is unwound, because frames point to all three.
 * module_cache_trim() then evicts A, which was used least recently, and 21 MiB are left. The next
 * stack that needs A loads it again. A file that cannot be read counts with the size of its entry.
 */
#ifndef SYMBOLS_MODULE_CACHE_H
#define SYMBOLS_MODULE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/module.h"
#include "symbols/status.h"

#define MODULE_CACHE_MEMORY_BYTES                                                                  \
	(24u << 20) /* usual `memory_limit_bytes`, enough for most machines */
#define MODULE_CACHE_ATTEMPTS_MAX 8u

struct module_cache_options {
	size_t memory_limit_bytes;
	/* One module of more than half of the limit, and of at most this size, is kept besides:
	 * each stack of its program needs it, and loading it takes a tenth of a second. 0: none */
	size_t large_bytes_max;
	/* For the modules, the largest parts of what loading takes included: a file that would
	 * exceed it while the files of one stack are loaded is refused, or has no names. The entry
	 * of a file, of some KiB, and its headers are not refused. 0: no such limit */
	size_t memory_max_bytes;
	struct module_debug_directories debug_directories; /* borrowed until module_cache_free() */
	/* Opens the file of a mapping of process `pid`; the cache closes *ret_fd. NULL:
	 * mapped_open() with the caller's root directory. */
	enum symbols_status (*open)(void *context, pid_t pid, const struct mapping *mapping,
				    int *ret_fd);
	void *open_context;
	/* Sets *ret_identity to that under which the module of a file is kept, if it is not the
	 * file's own; NULL: it is. */
	void (*identify)(void *context, const struct mapped_file *file,
			 struct file_identity *ret_identity);
	const struct elf_source
		*source; /* reads what open() has opened; NULL: *ret_fd can be read */
	bool with_32bit; /* the vDSO of 32-bit processes is needed: module_cache_new() copies it */
};

struct module_cache_statistics {
	uint64_t loaded;
	uint64_t failed; /* files that could not be opened or read */
	uint64_t evicted;
	uint64_t refused; /* loads that ended because of memory_max_bytes */
	uint64_t load_ns;
	size_t memory_bytes;
	size_t module_count;
};

struct module_cache;

/* Creates an empty cache; the caller must call module_cache_free(). Copies the options. Returns
 * NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status module_cache_new(const struct module_cache_options *options,
						struct module_cache **ret_cache);
/* Frees the cache and its modules. `cache` may be NULL. */
void module_cache_free(struct module_cache *cache);

/* Returns the module of a mapping of process `pid`, and loads it if needed. It lives until
 * module_cache_trim() or module_cache_free().
 *
 * A file that cannot be read is a module whose status has the reason. It is tried again for other
 * processes, up to MODULE_CACHE_ATTEMPTS_MAX times; after TIMEOUT once for each stack, and after
 * MEMORY_LIMIT or without its names when there is more room than the last time. Returns NULL if the
 * mapping has no file, if the file's identity has neither inode nor build ID, or on allocation
 * failure. */
const struct module *module_cache_get(struct module_cache *cache, pid_t pid,
				      const struct mapping *mapping);

/* Reads bytes of a mapped file by their address in memory. Opens the file for each call. Returns
 * false if no mapping has all of them, or its module could not be loaded. */
MUST_CHECK bool module_cache_read(struct module_cache *cache, const struct mappings *mappings,
				  uint64_t address, void *buffer, size_t size_bytes);

/* Evicts the least recently used modules until the budget is met, but for the large one that was
 * used last. Call it between stacks, when no frame that points to a module is in use. */
void module_cache_trim(struct module_cache *cache);

/* Sets *ret_statistics to the counters since module_cache_new() and the current sizes. */
void module_cache_get_statistics(const struct module_cache *cache,
				 struct module_cache_statistics *ret_statistics);

#endif
