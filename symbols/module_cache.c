/* symbols/module_cache.c - the modules in use, within a memory budget */
#include "symbols/module_cache.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "symbols/mapped_open.h"
#include "symbols/vdso.h"

#define BUCKETS 1024u /* a power of two */

/* A file that was too large is tried again if at least this more is left. */
#define MORE_BYTES ((size_t)1 << 20)

struct entry {
	struct module module; /* first: callers hold its address */
	struct file_identity identity;
	struct entry *next_in_bucket;
	struct entry *newer; /* list by last use */
	struct entry *older;
	pid_t failed_pid;
	unsigned int attempts;
	uint64_t tried_in;       /* the stack that it was tried for last */
	size_t tried_left_bytes; /* of memory, then */
	unsigned int ends;       /* how often a load was ended, as stacks of others had to wait */
};

struct module_cache {
	struct module_cache_options options;
	struct module_cache_statistics statistics;
	uint64_t stack;    /* the present one: counts calls of module_cache_trim() */
	uint64_t hash_key; /* random, so that files cannot be made to collide */
	int root_fd;       /* for processes that have exited; -1: none */
	struct entry *newest;
	struct entry *oldest;
	struct entry *buckets[BUCKETS];
	bool vdso_loaded;
	struct module vdso;
	struct module vdso_32bit;
};

static enum symbols_status open_below_root(void *context, pid_t pid, const struct mapping *mapping,
					   int *ret_fd)
{
	const struct module_cache *cache = context;

	return mapped_open(pid, mapping, cache->root_fd, ret_fd);
}

static void load_32bit_vdso(struct module_cache *cache)
{
	uint8_t *bytes;
	size_t size_bytes;

	cache->vdso_32bit.status = vdso_copy_32bit(&bytes, &size_bytes);
	if (cache->vdso_32bit.status != SYMBOLS_OK)
		return;
	(void)module_load_memory(bytes, size_bytes, &cache->vdso_32bit);
	free(bytes);
}

enum symbols_status module_cache_new(const struct module_cache_options *options,
				     struct module_cache **ret_cache)
{
	struct module_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return SYMBOLS_NO_MEMORY;
	cache->options = *options;
	cache->root_fd = -1;
	cache->stack = 1;
	if (!options->open) {
		cache->options.open = open_below_root;
		cache->options.open_context = cache;
		cache->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (getrandom(&cache->hash_key, sizeof(cache->hash_key), GRND_NONBLOCK) < 0)
		cache->hash_key = (uint64_t)(uintptr_t)cache;
	cache->vdso_32bit.status = SYMBOLS_NOT_FOUND;
	if (options->with_32bit)
		load_32bit_vdso(cache);
	*ret_cache = cache;
	return SYMBOLS_OK;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static size_t bucket_of(const struct module_cache *cache, const struct file_identity *identity)
{
	uint64_t hash = mix(cache->hash_key, identity->inode);
	uint64_t build_id_word = 0;

	hash = mix(hash, (uint64_t)identity->device_major << 32 | identity->device_minor);
	hash = mix(hash, identity->generation);
	memcpy(&build_id_word, identity->build_id, sizeof(build_id_word));
	return mix(hash, build_id_word) & (BUCKETS - 1);
}

static bool is_same(const struct file_identity *a, const struct file_identity *b)
{
	return a->inode == b->inode && a->device_major == b->device_major &&
	       a->device_minor == b->device_minor && a->generation == b->generation &&
	       a->build_id_bytes == b->build_id_bytes &&
	       memcmp(a->build_id, b->build_id, a->build_id_bytes) == 0;
}

static bool is_identified(const struct file_identity *identity)
{
	return identity->inode != 0 || identity->build_id_bytes != 0;
}

static void unlink_used(struct module_cache *cache, struct entry *entry)
{
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		cache->newest = entry->older;
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		cache->oldest = entry->newer;
	entry->newer = entry->older = NULL;
}

static void link_newest(struct module_cache *cache, struct entry *entry)
{
	entry->older = cache->newest;
	if (cache->newest)
		cache->newest->newer = entry;
	else
		cache->oldest = entry;
	cache->newest = entry;
}

static struct entry *find(struct module_cache *cache, const struct file_identity *identity)
{
	struct entry *entry = cache->buckets[bucket_of(cache, identity)];

	while (entry && !is_same(&entry->identity, identity))
		entry = entry->next_in_bucket;
	if (entry && entry != cache->newest) {
		unlink_used(cache, entry);
		link_newest(cache, entry);
	}
	return entry;
}

static struct entry *insert(struct module_cache *cache, const struct file_identity *identity)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	struct entry **bucket = &cache->buckets[bucket_of(cache, identity)];

	if (!entry)
		return NULL;
	entry->identity = *identity;
	entry->module.status = SYMBOLS_NOT_FOUND;
	entry->module.memory_bytes = sizeof(*entry);
	cache->statistics.memory_bytes += sizeof(*entry);
	entry->next_in_bucket = *bucket;
	*bucket = entry;
	link_newest(cache, entry);
	cache->statistics.module_count++;
	return entry;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* A path may lead to a newer file than the mapped one, which has another build ID. */
static bool is_expected(const struct file_identity *identity, const struct module *module)
{
	const struct elf_image *image = &module->image;

	return identity->build_id_bytes == 0 ||
	       (identity->build_id_bytes == image->build_id_bytes &&
		memcmp(identity->build_id, image->build_id, image->build_id_bytes) == 0);
}

/* Whether a later stack can have what this one could not. */
static bool is_of_this_stack(const struct module *module)
{
	return module->status == SYMBOLS_TIMEOUT || module->status == SYMBOLS_MEMORY_LIMIT ||
	       module->lacks_names;
}

static size_t left_bytes(const struct module_cache *cache)
{
	const size_t max_bytes = cache->options.memory_max_bytes;
	const size_t held_bytes = cache->statistics.memory_bytes;

	if (max_bytes == 0)
		return SIZE_MAX;
	return held_bytes < max_bytes ? max_bytes - held_bytes : 0;
}

/* Leaves the entry alone, without its memory. */
static void unload(struct module_cache *cache, struct entry *entry)
{
	cache->statistics.memory_bytes -= entry->module.memory_bytes;
	module_release(&entry->module);
}

static void load(struct module_cache *cache, struct entry *entry, pid_t pid,
		 const struct mapping *mapping)
{
	uint64_t start_ns = now_ns();
	struct elf_budget budget;
	enum symbols_status status;
	int fd;

	unload(cache, entry);
	budget = (struct elf_budget){.source = cache->options.source,
				     .left_bytes = left_bytes(cache),
				     .ends = entry->ends};
	entry->tried_left_bytes = budget.left_bytes;
	entry->attempts++;
	entry->failed_pid = pid;
	entry->tried_in = cache->stack;
	status = cache->options.open(cache->options.open_context, pid, mapping, &fd);
	if (status == SYMBOLS_OK) {
		status = module_load_within(&budget, fd, &cache->options.debug_directories,
					    &entry->module);
		close(fd);
	}
	if (status == SYMBOLS_OK && !is_expected(&entry->identity, &entry->module)) {
		module_release(&entry->module);
		status = SYMBOLS_REFUSED;
	}
	entry->module.status = status;
	entry->ends = status == SYMBOLS_OK ? 0 : budget.ends;
	if (is_of_this_stack(&entry->module))
		entry->attempts--;
	cache->statistics.memory_bytes += entry->module.memory_bytes;
	cache->statistics.load_ns += now_ns() - start_ns;
	if (status == SYMBOLS_MEMORY_LIMIT || entry->module.lacks_names)
		cache->statistics.refused++;
	else if (status == SYMBOLS_OK)
		cache->statistics.loaded++;
	else
		cache->statistics.failed++;
}

/* The contents of the file do not change with another attempt; access to it can. */
static bool may_retry(const struct module_cache *cache, const struct entry *entry, pid_t pid)
{
	enum symbols_status status = entry->module.status;

	if (is_of_this_stack(&entry->module) && entry->tried_in == cache->stack)
		return false;
	if (status == SYMBOLS_TIMEOUT)
		return true;
	if (is_of_this_stack(&entry->module))
		return left_bytes(cache) + entry->module.memory_bytes >=
		       entry->tried_left_bytes + MORE_BYTES;
	return (status == SYMBOLS_NOT_FOUND || status == SYMBOLS_IO || status == SYMBOLS_REFUSED) &&
	       entry->failed_pid != pid && entry->attempts < MODULE_CACHE_ATTEMPTS_MAX;
}

/* All 64-bit processes of a machine have the same vDSO, this one included. It ends with its section
 * headers, which gives its size. */
static const struct module *get_vdso(struct module_cache *cache)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel provides an integer */
	const uint8_t *start = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);

	if (!cache->vdso_loaded) {
		cache->vdso_loaded = true;
		cache->vdso.status = SYMBOLS_NOT_FOUND;
		if (start) {
			Elf64_Ehdr header;

			memcpy(&header, start, sizeof(header));
			if (header.e_ident[EI_CLASS] == ELFCLASS64)
				(void)module_load_memory(start,
							 (size_t)header.e_shoff +
								 (size_t)header.e_shentsize *
									 header.e_shnum,
							 &cache->vdso);
		}
	}
	return &cache->vdso;
}

const struct module *module_cache_get(struct module_cache *cache, pid_t pid,
				      const struct mapping *mapping)
{
	struct file_identity identity;
	struct entry *entry;

	if (mapping->kind == MAPPING_VDSO)
		return mapping->end <= UINT32_MAX ? &cache->vdso_32bit : get_vdso(cache);
	if (!mapping_has_file(mapping) || !is_identified(&mapping->file->identity))
		return NULL;
	identity = mapping->file->identity;
	if (cache->options.identify)
		cache->options.identify(cache->options.open_context, mapping->file, &identity);
	entry = find(cache, &identity);
	if (entry && !may_retry(cache, entry, pid)) {
		/* A stack keeps what it was given. */
		entry->tried_in = cache->stack;
		return &entry->module;
	}
	if (!entry)
		entry = insert(cache, &identity);
	if (!entry)
		return NULL;
	load(cache, entry, pid, mapping);
	return &entry->module;
}

/* Where to read: a file and an offset in it. */
struct place {
	const struct elf_source *source;
	int fd;
	uint64_t offset;
};

static bool read_at(const struct place *place, void *buffer, size_t size_bytes)
{
	const struct elf_source *source = place->source;

	if (source)
		return source->read(source->context, place->fd, place->offset, buffer,
				    size_bytes) == SYMBOLS_OK;
	return place->offset <= INT64_MAX &&
	       pread(place->fd, buffer, size_bytes, (off_t)place->offset) == (ssize_t)size_bytes;
}

bool module_cache_read(struct module_cache *cache, const struct mappings *mappings,
		       uint64_t address, void *buffer, size_t size_bytes)
{
	const struct mapping *mapping = mappings_find(mappings, address);
	const struct module *module;
	bool done;
	int fd;

	if (!mapping || !mapping_has_file(mapping) || size_bytes > mapping->end - address)
		return false;
	module = module_cache_get(cache, mappings->pid, mapping);
	if (!module || module->status != SYMBOLS_OK ||
	    cache->options.open(cache->options.open_context, mappings->pid, mapping, &fd) !=
		    SYMBOLS_OK)
		return false;
	done = read_at(&(const struct place){cache->options.source, fd,
					     address - mapping->start + mapping->file_offset},
		       buffer, size_bytes);
	close(fd);
	return done;
}

static void evict(struct module_cache *cache, struct entry *entry)
{
	struct entry **at = &cache->buckets[bucket_of(cache, &entry->identity)];

	while (*at != entry)
		at = &(*at)->next_in_bucket;
	*at = entry->next_in_bucket;
	*(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
	cache->statistics.memory_bytes -= entry->module.memory_bytes;
	cache->statistics.module_count--;
	cache->statistics.evicted++;
	module_release(&entry->module);
	free(entry);
}

/* Returns the large module that was used last; NULL: none. */
static struct entry *find_large(const struct module_cache *cache)
{
	struct entry *entry = cache->newest;

	while (entry && (entry->module.memory_bytes <= cache->options.memory_limit_bytes / 2 ||
			 entry->module.memory_bytes > cache->options.large_bytes_max))
		entry = entry->older;
	return entry;
}

void module_cache_trim(struct module_cache *cache)
{
	size_t limit_bytes = cache->options.memory_limit_bytes;
	struct entry *entry, *newer, *large;

	cache->stack++;
	if (cache->statistics.memory_bytes <= limit_bytes)
		return;
	large = find_large(cache);
	if (large)
		limit_bytes += large->module.memory_bytes;
	for (entry = cache->oldest; entry && cache->statistics.memory_bytes > limit_bytes;
	     entry = newer) {
		newer = entry->newer;
		if (entry != large)
			evict(cache, entry);
	}
}

void module_cache_free(struct module_cache *cache)
{
	struct entry *entry, *older;

	if (!cache)
		return;
	for (entry = cache->newest; entry; entry = older) {
		older = entry->older;
		module_release(&entry->module);
		free(entry);
	}
	module_release(&cache->vdso);
	module_release(&cache->vdso_32bit);
	if (cache->root_fd >= 0)
		close(cache->root_fd);
	free(cache);
}

void module_cache_get_statistics(const struct module_cache *cache,
				 struct module_cache_statistics *ret_statistics)
{
	*ret_statistics = cache->statistics;
}
