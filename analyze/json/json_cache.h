/* analyze/json/json_cache.h - JSON made once for a stack, a task or a string, in bounded memory
 *
 * If it is full, all entries are dropped. If an allocation fails, nothing is kept, which is no
 * error: callers make the text again.
 */
#ifndef ANALYZE_JSON_JSON_CACHE_H
#define ANALYZE_JSON_JSON_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* Limit for all texts together. */
#define JSON_CACHE_BYTES ((size_t)8 << 20)

/* Limit for the number of texts. */
#define JSON_CACHE_TEXTS 16384u

/* What a text is of. Equal keys have equal texts. */
struct json_cache_key {
	const void *file; /* that the id belongs to */
	uint64_t id;
	uint64_t what; /* chosen by the caller, so that ids of different kinds differ */
};

struct json_cache;

/* Returns an empty cache, NULL on allocation failure. */
struct json_cache *json_cache_new(void);

/* Finds the text of a key. It is valid until the next json_cache_add(). `bytes` is NULL if there is
 * none. NULL for the cache is allowed: it is always empty. */
struct trace_text json_cache_find(const struct json_cache *cache, const struct json_cache_key *key);

/* Adds a copy of the text of a key that is not in the cache. */
void json_cache_add(struct json_cache *cache, const struct json_cache_key *key,
		    struct trace_text text);

/* Frees the cache. NULL is allowed. */
void json_cache_free(struct json_cache *cache);

#endif
