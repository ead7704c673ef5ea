/* symbols/module_cache.h - the modules in use, within a budget of memory
 *
 * Belongs to one thread. */
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
	(24u << 20) /* for `memory_limit_bytes`: what most machines need */
#define MODULE_CACHE_ATTEMPTS_MAX 8u

struct module_cache_options {
	size_t memory_limit_bytes;
	struct module_debug_directories debug_directories; /* borrowed as long as the cache lives */
	/* Opens the file of a mapping of process `pid`; the cache closes *ret_fd. NULL:
	 * mapped_open() below the caller's own root directory. */
	enum symbols_status (*open)(void *context, pid_t pid, const struct mapping *mapping,
				    int *ret_fd);
	void *open_context;
};

struct module_cache_statistics {
	uint64_t loaded;
	uint64_t failed; /* files that could not be opened or read */
	uint64_t evicted;
	uint64_t load_ns;
	size_t memory_bytes;
	size_t module_count;
};

struct module_cache;

/* Without any module at first. The options are copied. NO_MEMORY. */
MUST_CHECK enum symbols_status module_cache_new(const struct module_cache_options *options,
						struct module_cache **ret_cache);
/* NULL is allowed. */
void module_cache_free(struct module_cache *cache);

/* The module behind a mapping of process `pid`, loaded if it is not yet; NULL if the mapping has no
 * file, if the file's identity has neither inode nor build-id, or if there is no memory. A file
 * that could not be read is a module whose status says so; another process that maps it gets
 * another attempt, up to MODULE_CACHE_ATTEMPTS_MAX. The module lives until module_cache_trim() or
 * _free(). */
const struct module *module_cache_get(struct module_cache *cache, pid_t pid,
				      const struct mapping *mapping);

/* Gives back what has not been used for longest until the budget holds. Call it between stacks,
 * when no frame that points to a module is in use any more. */
void module_cache_trim(struct module_cache *cache);

/* What the cache has done since it was made, and holds now. */
void module_cache_get_statistics(const struct module_cache *cache,
				 struct module_cache_statistics *ret_statistics);

#endif
