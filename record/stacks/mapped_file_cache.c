/* record/stacks/mapped_file_cache.c - files that processes have mapped, opened while they can be */
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

/* A file is known by what was seen of it: device and inode, which /proc and perf tell differently,
 * and of which an overlay has its own. Once opened, one with a build-id gives out the file that the
 * entry for this build-id has, so that there is one. */
struct kept_file {
	struct mapped_file *seen;
	struct mapped_file *file; /* given out; the same, or that of another entry */
	int fd;                   /* -1: could not be opened, had to be closed, or is another's */
	unsigned int attempts;
	uint64_t seen_ns; /* CLOCK_BOOTTIME */
	struct kept_file *next_in_bucket;
	struct kept_file *newer; /* list by last sight */
	struct kept_file *older;
};

struct mapped_file_cache {
	pthread_mutex_t lock;
	uint64_t hash_key; /* build-ids are chosen by strangers: which ones collide must not be */
	int root_fd;       /* -1 if there is none */
	size_t open_max;
	struct kept_file *newest;
	struct kept_file *oldest;
	struct mapped_file_cache_statistics statistics;
	struct kept_file *buckets[BUCKETS];
};

enum symbols_status mapped_file_cache_new(size_t open_max, struct mapped_file_cache **ret_keeper)
{
	struct mapped_file_cache *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		return SYMBOLS_NO_MEMORY;
	if (getrandom(&keeper->hash_key, sizeof(keeper->hash_key), GRND_NONBLOCK) < 0)
		keeper->hash_key = (uint64_t)(uintptr_t)keeper;
	pthread_mutex_init(&keeper->lock, NULL);
	keeper->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	keeper->open_max = open_max;
	*ret_keeper = keeper;
	return SYMBOLS_OK;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static struct kept_file **bucket_of(struct mapped_file_cache *keeper,
				    const struct file_identity *identity)
{
	uint64_t hash = mix(keeper->hash_key, identity->inode);

	hash = mix(hash, (uint64_t)identity->device_major << 32 | identity->device_minor);
	hash = mix(hash, identity->generation);
	for (size_t i = 0; i + sizeof(uint64_t) <= sizeof(identity->build_id); i += 8) {
		uint64_t word;

		memcpy(&word, identity->build_id + i, sizeof(word));
		hash = mix(hash, word);
	}
	return &keeper->buckets[hash & (BUCKETS - 1)];
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

static void unlink_seen(struct mapped_file_cache *keeper, struct kept_file *kept)
{
	*(kept->newer ? &kept->newer->older : &keeper->newest) = kept->older;
	*(kept->older ? &kept->older->newer : &keeper->oldest) = kept->newer;
	kept->newer = kept->older = NULL;
}

static void link_newest(struct mapped_file_cache *keeper, struct kept_file *kept)
{
	kept->older = keeper->newest;
	*(keeper->newest ? &keeper->newest->newer : &keeper->oldest) = kept;
	keeper->newest = kept;
}

static struct kept_file *find(struct mapped_file_cache *keeper,
			      const struct file_identity *identity, const char *path)
{
	struct kept_file *kept = *bucket_of(keeper, identity);

	while (kept && !is_same(kept->seen, identity, path))
		kept = kept->next_in_bucket;
	return kept;
}

static void close_kept(struct mapped_file_cache *keeper, struct kept_file *kept)
{
	if (kept->fd < 0)
		return;
	close(kept->fd);
	kept->fd = -1;
	keeper->statistics.open_files--;
}

static void forget(struct mapped_file_cache *keeper, struct kept_file *kept)
{
	struct kept_file **at = bucket_of(keeper, &kept->seen->identity);

	while (*at != kept)
		at = &(*at)->next_in_bucket;
	*at = kept->next_in_bucket;
	unlink_seen(keeper, kept);
	close_kept(keeper, kept);
	mapped_file_release(kept->file);
	mapped_file_release(kept->seen);
	keeper->statistics.files--;
	free(kept);
}

void mapped_file_cache_free(struct mapped_file_cache *keeper)
{
	if (!keeper)
		return;
	while (keeper->oldest)
		forget(keeper, keeper->oldest);
	if (keeper->root_fd >= 0)
		close(keeper->root_fd);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}

static struct kept_file *insert(struct mapped_file_cache *keeper,
				const struct file_identity *identity,
				const struct file_sighting *sighting)
{
	struct kept_file *kept = calloc(1, sizeof(*kept));
	struct kept_file **bucket = bucket_of(keeper, identity);

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
	link_newest(keeper, kept);
	keeper->statistics.files++;
	return kept;
}

static void close_one_not_seen_for_long(struct mapped_file_cache *keeper)
{
	struct kept_file *kept = keeper->oldest;

	while (kept && kept->fd < 0)
		kept = kept->newer;
	if (kept)
		close_kept(keeper, kept);
}

/* Lets the entry that knows the file by its build-id have it. */
static void unite_by_build_id(struct mapped_file_cache *keeper, struct kept_file *kept,
			      const struct file_sighting *sighting)
{
	struct file_identity identity = {.inode = 0};
	struct kept_file *other;
	struct elf_image image;

	if (elf_image_open(kept->fd, &image) != SYMBOLS_OK) {
		/* Generated code: an open file would keep the memory of an ended process. */
		if (mapping_kind_of(sighting->path) == MAPPING_MEMFD) {
			close_kept(keeper, kept);
			kept->attempts = ATTEMPTS_MAX;
		}
		return;
	}
	identity.build_id_bytes = image.build_id_bytes;
	memcpy(identity.build_id, image.build_id, image.build_id_bytes);
	elf_image_release(&image);
	if (identity.build_id_bytes == 0)
		return;
	other = find(keeper, &identity, sighting->path);
	if (!other)
		other = insert(keeper, &identity, sighting);
	if (!other)
		return;
	mapped_file_release(kept->file);
	kept->file = mapped_file_reference(other->file);
	if (other->fd < 0) {
		other->fd = kept->fd;
		kept->fd = -1;
	} else {
		close_kept(keeper, kept);
	}
}

static void open_kept(struct mapped_file_cache *keeper, struct kept_file *kept,
		      const struct file_sighting *sighting)
{
	struct mapping mapping = {
		.start = sighting->start,
		.end = sighting->end,
		.kind = MAPPING_FILE,
		.file = kept->file,
	};

	kept->attempts++;
	if (keeper->statistics.open_files >= keeper->open_max)
		close_one_not_seen_for_long(keeper);
	if (mapped_open(sighting->pid, &mapping, keeper->root_fd, &kept->fd) != SYMBOLS_OK) {
		keeper->statistics.not_opened++;
		kept->fd = -1;
		return;
	}
	keeper->statistics.opened++;
	keeper->statistics.open_files++;
	if (sighting->identity->build_id_bytes == 0)
		unite_by_build_id(keeper, kept, sighting);
}

static void make_room(struct mapped_file_cache *keeper)
{
	while (keeper->statistics.files > MAPPED_FILE_CACHE_ENTRIES_MAX)
		forget(keeper, keeper->oldest);
}

static bool is_united(const struct kept_file *kept)
{
	return kept->file != kept->seen;
}

static struct mapped_file *intern(struct mapped_file_cache *keeper,
				  const struct file_sighting *sighting)
{
	struct kept_file *kept = find(keeper, sighting->identity, sighting->path);

	if (!kept)
		kept = insert(keeper, sighting->identity, sighting);
	if (!kept)
		return NULL;
	kept->seen_ns = sighting->now_ns;
	unlink_seen(keeper, kept);
	link_newest(keeper, kept);
	if (kept->fd < 0 && !is_united(kept) && kept->attempts < ATTEMPTS_MAX)
		open_kept(keeper, kept, sighting);
	return mapped_file_reference(kept->file);
}

struct mapped_file *mapped_file_cache_intern(struct mapped_file_cache *keeper,
					     const struct file_sighting *sighting)
{
	struct mapped_file *file;

	pthread_mutex_lock(&keeper->lock);
	file = intern(keeper, sighting);
	make_room(keeper);
	pthread_mutex_unlock(&keeper->lock);
	return file;
}

/* Nobody else can take a reference meanwhile: references are taken from those that are counted, or
 * by the thread that sweeps. */
static bool is_unused(const struct kept_file *kept, uint64_t now_ns)
{
	if (now_ns < kept->seen_ns || now_ns - kept->seen_ns < MAPPED_FILE_CACHE_UNUSED_NS)
		return false;
	return is_united(kept) ||
	       atomic_load_explicit(&kept->file->references, memory_order_acquire) == 2;
}

void mapped_file_cache_sweep(struct mapped_file_cache *keeper, uint64_t now_ns)
{
	struct kept_file *newer;

	pthread_mutex_lock(&keeper->lock);
	for (struct kept_file *kept = keeper->oldest; kept; kept = newer) {
		newer = kept->newer;
		if (is_unused(kept, now_ns))
			forget(keeper, kept);
	}
	pthread_mutex_unlock(&keeper->lock);
}

static int duplicate_kept(struct mapped_file_cache *keeper, const struct mapped_file *file)
{
	struct kept_file *kept;
	int fd = -1;

	pthread_mutex_lock(&keeper->lock);
	kept = find(keeper, &file->identity, file->path);
	if (kept && kept->fd >= 0)
		fd = fcntl(kept->fd, F_DUPFD_CLOEXEC, 0);
	pthread_mutex_unlock(&keeper->lock);
	return fd;
}

/* The process may be gone and its number be another's by now. Only a build-id, which the caller
 * compares, would tell that what it maps at these addresses is something else. */
enum symbols_status mapped_file_cache_open(void *context, pid_t pid, const struct mapping *mapping,
					   int *ret_fd)
{
	struct mapped_file_cache *keeper = context;
	int fd = duplicate_kept(keeper, mapping->file);

	if (fd >= 0) {
		*ret_fd = fd;
		return SYMBOLS_OK;
	}
	if (mapping->file->identity.build_id_bytes == 0)
		pid = 0;
	return mapped_open(pid, mapping, keeper->root_fd, ret_fd);
}

void mapped_file_cache_get_statistics(struct mapped_file_cache *keeper,
				      struct mapped_file_cache_statistics *ret_statistics)
{
	pthread_mutex_lock(&keeper->lock);
	*ret_statistics = keeper->statistics;
	pthread_mutex_unlock(&keeper->lock);
}
