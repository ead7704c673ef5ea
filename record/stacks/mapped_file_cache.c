/* record/stacks/mapped_file_cache.c - cache of files that processes mapped, opened in time */
#include "record/stacks/mapped_file_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "symbols/mapped_open.h"

#define BUCKETS      4096u /* a power of two */
#define ATTEMPTS_MAX 8u

/* An entry is found by device and inode as they were seen. /proc, perf and an overlay report
 * different ones for the same file. Therefore, once a file with a build ID is open, its entry
 * returns the struct mapped_file of the entry for that build ID, so that there is only one.
 *
 * Example: perf reports inode 7 of 0:31, /proc inode 7 of 8:1, both for a library with build ID b.
 * There are three entries: for 0:31/7, for 8:1/7 and for b. All return the file of b. */
struct kept_file {
	struct mapped_file *seen;
	struct mapped_file *file; /* returned to callers: `seen`, or that of another entry */
	int fd;                   /* -1: not opened, closed again, or moved to another entry */
	unsigned int attempts;
	uint64_t seen_ns; /* CLOCK_BOOTTIME */
	struct kept_file *next_in_bucket;
	struct kept_file *newer; /* list by time of last sighting */
	struct kept_file *older;
};

struct mapped_file_cache {
	pthread_mutex_t lock;
	uint64_t hash_key; /* random: untrusted build IDs must not be able to collide */
	int root_fd;       /* -1: none */
	size_t open_max;
	struct kept_file *newest;
	struct kept_file *oldest;
	struct mapped_file_cache_statistics statistics;
	struct kept_file *buckets[BUCKETS];
};

enum symbols_status mapped_file_cache_new(size_t open_max, struct mapped_file_cache **ret_cache)
{
	struct mapped_file_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return SYMBOLS_NO_MEMORY;
	if (getrandom(&cache->hash_key, sizeof(cache->hash_key), GRND_NONBLOCK) < 0)
		cache->hash_key = (uint64_t)(uintptr_t)cache;
	pthread_mutex_init(&cache->lock, NULL);
	cache->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cache->open_max = open_max;
	*ret_cache = cache;
	return SYMBOLS_OK;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static struct kept_file **bucket_of(struct mapped_file_cache *cache,
				    const struct file_identity *identity)
{
	uint64_t hash = mix(cache->hash_key, identity->inode);

	hash = mix(hash, (uint64_t)identity->device_major << 32 | identity->device_minor);
	hash = mix(hash, identity->generation);
	for (size_t i = 0; i + sizeof(uint64_t) <= sizeof(identity->build_id); i += 8) {
		uint64_t word;

		memcpy(&word, identity->build_id + i, sizeof(word));
		hash = mix(hash, word);
	}
	return &cache->buckets[hash & (BUCKETS - 1)];
}

static bool is_same(const struct mapped_file *file, const struct file_identity *identity,
		    const char *path)
{
	const struct file_identity *own = &file->identity;

	return own->inode == identity->inode && own->device_major == identity->device_major &&
	       own->device_minor == identity->device_minor &&
	       own->generation == identity->generation &&
	       own->build_id_bytes == identity->build_id_bytes &&
	       memcmp(own->build_id, identity->build_id, own->build_id_bytes) == 0 &&
	       strcmp(file->path, path) == 0;
}

static void unlink_seen(struct mapped_file_cache *cache, struct kept_file *kept)
{
	*(kept->newer ? &kept->newer->older : &cache->newest) = kept->older;
	*(kept->older ? &kept->older->newer : &cache->oldest) = kept->newer;
	kept->newer = kept->older = NULL;
}

static void link_newest(struct mapped_file_cache *cache, struct kept_file *kept)
{
	kept->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = kept;
	cache->newest = kept;
}

static struct kept_file *find(struct mapped_file_cache *cache, const struct file_identity *identity,
			      const char *path)
{
	struct kept_file *kept = *bucket_of(cache, identity);

	while (kept && !is_same(kept->seen, identity, path))
		kept = kept->next_in_bucket;
	return kept;
}

static void close_kept(struct mapped_file_cache *cache, struct kept_file *kept)
{
	if (kept->fd < 0)
		return;
	close(kept->fd);
	kept->fd = -1;
	cache->statistics.open_files--;
}

static void remove_entry(struct mapped_file_cache *cache, struct kept_file *kept)
{
	struct kept_file **at = bucket_of(cache, &kept->seen->identity);

	while (*at != kept)
		at = &(*at)->next_in_bucket;
	*at = kept->next_in_bucket;
	unlink_seen(cache, kept);
	close_kept(cache, kept);
	mapped_file_release(kept->file);
	mapped_file_release(kept->seen);
	cache->statistics.files--;
	free(kept);
}

void mapped_file_cache_free(struct mapped_file_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest)
		remove_entry(cache, cache->oldest);
	if (cache->root_fd >= 0)
		close(cache->root_fd);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct kept_file *insert(struct mapped_file_cache *cache,
				const struct file_identity *identity,
				const struct file_sighting *sighting)
{
	struct kept_file *kept = calloc(1, sizeof(*kept));
	struct kept_file **bucket = bucket_of(cache, identity);

	if (kept)
		kept->seen = mapped_file_new(identity, sighting->path, sighting->seen_ns);
	if (!kept || !kept->seen) {
		free(kept);
		return NULL;
	}
	kept->file = mapped_file_reference(kept->seen);
	kept->fd = -1;
	kept->seen_ns = sighting->now_ns;
	kept->next_in_bucket = *bucket;
	*bucket = kept;
	link_newest(cache, kept);
	cache->statistics.files++;
	return kept;
}

static void close_least_recent(struct mapped_file_cache *cache)
{
	struct kept_file *kept = cache->oldest;

	while (kept && kept->fd < 0)
		kept = kept->newer;
	if (kept)
		close_kept(cache, kept);
}

/* Moves the descriptor to the entry for the build ID of the file. */
static void unite_by_build_id(struct mapped_file_cache *cache, struct kept_file *kept,
			      const struct file_sighting *sighting)
{
	struct file_identity identity = {.inode = 0};
	struct kept_file *other;
	struct elf_image image;

	if (elf_image_open(kept->fd, &image) != SYMBOLS_OK) {
		/* Generated code: an open file would keep the memory of an ended process. */
		if (mapping_kind_of(sighting->path) == MAPPING_MEMFD) {
			close_kept(cache, kept);
			kept->attempts = ATTEMPTS_MAX;
		}
		return;
	}
	identity.build_id_bytes = image.build_id_bytes;
	memcpy(identity.build_id, image.build_id, image.build_id_bytes);
	elf_image_release(&image);
	if (identity.build_id_bytes == 0)
		return;
	other = find(cache, &identity, sighting->path);
	if (!other)
		other = insert(cache, &identity, sighting);
	if (!other)
		return;
	mapped_file_release(kept->file);
	kept->file = mapped_file_reference(other->file);
	if (other->fd < 0) {
		other->fd = kept->fd;
		kept->fd = -1;
	} else {
		close_kept(cache, kept);
	}
}

static void open_kept(struct mapped_file_cache *cache, struct kept_file *kept,
		      const struct file_sighting *sighting)
{
	struct mapping mapping = {
		.start = sighting->start,
		.end = sighting->end,
		.kind = MAPPING_FILE,
		.file = kept->file,
	};

	kept->attempts++;
	if (cache->statistics.open_files >= cache->open_max)
		close_least_recent(cache);
	if (mapped_open(sighting->pid, &mapping, cache->root_fd, &kept->fd) != SYMBOLS_OK) {
		cache->statistics.not_opened++;
		kept->fd = -1;
		return;
	}
	cache->statistics.opened++;
	cache->statistics.open_files++;
	if (sighting->identity->build_id_bytes == 0)
		unite_by_build_id(cache, kept, sighting);
}

static void keep_limit(struct mapped_file_cache *cache)
{
	while (cache->statistics.files > MAPPED_FILE_CACHE_ENTRIES_MAX)
		remove_entry(cache, cache->oldest);
}

static bool is_united(const struct kept_file *kept)
{
	return kept->file != kept->seen;
}

static struct mapped_file *intern(struct mapped_file_cache *cache,
				  const struct file_sighting *sighting)
{
	struct kept_file *kept = find(cache, sighting->identity, sighting->path);

	if (!kept)
		kept = insert(cache, sighting->identity, sighting);
	if (!kept)
		return NULL;
	kept->seen_ns = sighting->now_ns;
	unlink_seen(cache, kept);
	link_newest(cache, kept);
	if (kept->fd < 0 && !is_united(kept) && kept->attempts < ATTEMPTS_MAX)
		open_kept(cache, kept, sighting);
	return mapped_file_reference(kept->file);
}

struct mapped_file *mapped_file_cache_intern(struct mapped_file_cache *cache,
					     const struct file_sighting *sighting)
{
	struct mapped_file *file;

	pthread_mutex_lock(&cache->lock);
	file = intern(cache, sighting);
	keep_limit(cache);
	pthread_mutex_unlock(&cache->lock);
	return file;
}

/* The result stays true: a new reference is made from an existing one, or by the thread that calls
 * this. */
static bool is_unused(const struct kept_file *kept, uint64_t now_ns)
{
	if (now_ns < kept->seen_ns || now_ns - kept->seen_ns < MAPPED_FILE_CACHE_UNUSED_NS)
		return false;
	return is_united(kept) ||
	       atomic_load_explicit(&kept->file->references, memory_order_acquire) == 2;
}

void mapped_file_cache_sweep(struct mapped_file_cache *cache, uint64_t now_ns)
{
	struct kept_file *newer;

	pthread_mutex_lock(&cache->lock);
	for (struct kept_file *kept = cache->oldest; kept; kept = newer) {
		newer = kept->newer;
		if (is_unused(kept, now_ns))
			remove_entry(cache, kept);
	}
	pthread_mutex_unlock(&cache->lock);
}

static int duplicate_kept(struct mapped_file_cache *cache, const struct mapped_file *file)
{
	struct kept_file *kept;
	int fd = -1;

	pthread_mutex_lock(&cache->lock);
	kept = find(cache, &file->identity, file->path);
	if (kept && kept->fd >= 0)
		fd = fcntl(kept->fd, F_DUPFD_CLOEXEC, 0);
	pthread_mutex_unlock(&cache->lock);
	return fd;
}

/* The process can have ended, and another one have its ID. Only a build ID, which the caller
 * compares, shows that the mapping at these addresses is another one. */
enum symbols_status mapped_file_cache_open(void *context, pid_t pid, const struct mapping *mapping,
					   int *ret_fd)
{
	struct mapped_file_cache *cache = context;
	int fd = duplicate_kept(cache, mapping->file);

	if (fd >= 0) {
		*ret_fd = fd;
		return SYMBOLS_OK;
	}
	if (mapping->file->identity.build_id_bytes == 0)
		pid = 0;
	return mapped_open(pid, mapping, cache->root_fd, ret_fd);
}

void mapped_file_cache_get_statistics(struct mapped_file_cache *cache,
				      struct mapped_file_cache_statistics *ret_statistics)
{
	pthread_mutex_lock(&cache->lock);
	*ret_statistics = cache->statistics;
	pthread_mutex_unlock(&cache->lock);
}
