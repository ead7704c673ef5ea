/* record/stacks/mapped_file_cache.c - cache of files that processes mapped, opened in time */
#include "record/stacks/mapped_file_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/user_use.h"
#include "symbols/mapped_open.h"

#define BUCKETS      4096u /* a power of two */
#define ATTEMPTS_MAX 8u

#define AHEAD_BYTES (128u << 10)

/* Part of a limit that is dropped at once. */
#define BATCH_PART 64u

/* Bytes that are read of one file when it is loaded, and for one user: half of that is forgotten in
 * each second. A browser with its symbols has 200 MiB. */
#define LOAD_BYTES_MAX UINT64_C(0x10000000)
#define USER_BYTES_MAX UINT64_C(0x20000000)
#define HALF_LIFE_NS   UINT64_C(1000000000)

/* An entry is found by device and inode as they were seen. /proc, perf and an overlay report
 * different ones for the same file. Therefore, once a file with a build ID is open, its entry
 * returns the struct mapped_file of the entry for that build ID, so that there is only one.
 *
 * Example: perf reports inode 7 of 0:31, /proc inode 7 of 8:1, both for a library with build ID b.
 * There are three entries: for 0:31/7, for 8:1/7 and for b. All return the file of b. */
/* `facts` are of the open file, as its file system reports them, the same for each sighting. Only
 * equal facts and build IDs join entries: anybody can make a file with a given build ID and path.
 */
struct kept_file {
	struct mapped_file *seen;
	struct mapped_file *file; /* returned to callers: `seen`, or that of another entry */
	int fd;                   /* -1: not opened, closed again, or moved to another entry */
	unsigned int attempts;
	bool is_waiting;         /* for the reader to open it */
	struct file_facts facts; /* of the open file, which another entry may have */
	struct file_user user;   /* of the process that was seen to map it */
	struct mapping wanted;   /* while is_waiting: the mapping and the process to open it by */
	pid_t wanted_pid;
	uint64_t seen_ns; /* CLOCK_BOOTTIME */
	struct kept_file *next_in_bucket;
	struct kept_file *newer; /* list by time of last sighting */
	struct kept_file *older;
};

/* Bytes of the file that was read last. An ELF file is read in many small pieces, and each request
 * takes two switches between processes, which can be long on a busy machine. */
struct ahead {
	struct file_facts file; /* inode 0: nothing */
	uint64_t offset;
	size_t size_bytes;
	uint8_t bytes[AHEAD_BYTES];
};

struct mapped_file_cache {
	pthread_mutex_t lock;
	uint64_t hash_key; /* random: untrusted build IDs must not be able to collide */
	int root_fd;       /* -1: none */
	size_t open_max;
	struct file_reader *reader; /* borrowed; NULL: files are opened and read directly */
	struct elf_source source;
	/* Used by the thread that calls mapped_file_cache_open() only: */
	struct file_requester requester;
	bool has_timed_out;
	uint64_t untimely;  /* what timed out or was refused */
	uint64_t waited_ns; /* for the reader, since mapped_file_cache_open() */
	bool (*must_stop)(void *context, const struct load_progress *progress); /* NULL: never */
	void *stop_context;
	uint64_t load_bytes;        /* read since mapped_file_cache_open() */
	struct user_use read_bytes; /* of users */
	struct file_facts opened;   /* by mapped_file_cache_open(); inode 0: not known */
	struct ahead ahead;
	struct kept_file *newest;
	struct kept_file *oldest;
	atomic_uint_fast64_t over_budget;
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
	cache->read_bytes.half_life_ns = HALF_LIFE_NS;
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
	kept->user.uid = FILE_USER_UNKNOWN;
	kept->fd = -1;
	kept->seen_ns = sighting->now_ns;
	kept->next_in_bucket = *bucket;
	*bucket = kept;
	link_newest(cache, kept);
	cache->statistics.files++;
	return kept;
}

/* Returns the user with the most entries, or with the most open files. */
static struct file_user find_largest_user(const struct mapped_file_cache *cache, bool is_of_open)
{
	struct user_use counts = {.half_life_ns = 0};

	for (const struct kept_file *kept = cache->oldest; kept; kept = kept->newer)
		if (!is_of_open || kept->fd >= 0)
			user_use_add(&counts, &kept->user, 1, 0);
	return user_use_largest(&counts);
}

/* Closes some files of the user with the most, those that were seen least recently. Several, as it
 * takes a look at all entries. */
static void close_some(struct mapped_file_cache *cache)
{
	const struct file_user user = find_largest_user(cache, true);
	size_t left = cache->open_max / BATCH_PART + 1;

	for (struct kept_file *kept = cache->oldest; kept && left > 0; kept = kept->newer) {
		if (kept->fd < 0 || !user_use_is_same(&kept->user, &user))
			continue;
		close_kept(cache, kept);
		left--;
	}
}

static bool is_same_file(const struct file_facts *left, const struct file_facts *right)
{
	return left->inode == right->inode && left->device_major == right->device_major &&
	       left->device_minor == right->device_minor && left->size_bytes == right->size_bytes &&
	       left->changed_s == right->changed_s && left->changed_ns == right->changed_ns;
}

/* Returns the entry for the build ID of the file, which is new if there is none. NULL on allocation
 * failure, or if another file has the same build ID. */
static struct kept_file *entry_of_build_id(struct mapped_file_cache *cache,
					   const struct file_facts *facts,
					   const struct file_sighting *sighting)
{
	struct file_identity identity = {.build_id_bytes = facts->build_id_bytes};
	struct kept_file *other;

	memcpy(identity.build_id, facts->build_id, facts->build_id_bytes);
	other = find(cache, &identity, sighting->path);
	if (other)
		return is_same_file(&other->facts, facts) ? other : NULL;
	other = insert(cache, &identity, sighting);
	if (!other)
		return NULL;
	other->facts = *facts;
	return other;
}

/* Moves the descriptor to the entry for the build ID of the file. */
static void unite_by_build_id(struct mapped_file_cache *cache, struct kept_file *kept,
			      const struct file_facts *facts, const struct file_sighting *sighting)
{
	struct kept_file *other;

	if (facts->build_id_bytes == 0)
		return;
	other = entry_of_build_id(cache, facts, sighting);
	if (!other)
		return;
	mapped_file_release(kept->file);
	kept->file = mapped_file_reference(other->file);
	if (other->user.uid == FILE_USER_UNKNOWN)
		other->user = kept->user;
	if (other->fd < 0) {
		other->fd = kept->fd;
		kept->fd = -1;
	} else {
		close_kept(cache, kept);
	}
}

/* Takes ownership of an open descriptor. */
static void take_open(struct mapped_file_cache *cache, struct kept_file *kept,
		      const struct file_facts *facts, const struct file_sighting *sighting, int fd)
{
	if (cache->statistics.open_files >= cache->open_max)
		close_some(cache);
	kept->fd = fd;
	kept->facts = *facts;
	cache->statistics.opened++;
	cache->statistics.open_files++;
	if (sighting->identity->build_id_bytes == 0)
		unite_by_build_id(cache, kept, facts, sighting);
}

/* Without a reader, the facts are read here. */
static void read_facts(int fd, struct file_facts *ret_facts)
{
	struct elf_image image;
	struct stat status;

	*ret_facts = (struct file_facts){.inode = 0};
	if (fstat(fd, &status) == 0)
		*ret_facts = (struct file_facts){
			.inode = status.st_ino,
			.size_bytes = (uint64_t)status.st_size,
			.changed_s = status.st_ctim.tv_sec,
			.changed_ns = (uint32_t)status.st_ctim.tv_nsec,
			.modified_s = status.st_mtim.tv_sec,
			.modified_ns = (uint32_t)status.st_mtim.tv_nsec,
			.device_major = major(status.st_dev),
			.device_minor = minor(status.st_dev),
		};
	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return;
	ret_facts->is_elf = true;
	ret_facts->build_id_bytes = (uint32_t)image.build_id_bytes;
	memcpy(ret_facts->build_id, image.build_id, image.build_id_bytes);
	elf_image_release(&image);
}

static void open_directly(struct mapped_file_cache *cache, struct kept_file *kept,
			  const struct mapping *mapping, const struct file_sighting *sighting)
{
	struct file_facts facts;
	int fd;

	if (mapped_open(sighting->pid, mapping, cache->root_fd, &fd) != SYMBOLS_OK) {
		cache->statistics.not_opened++;
		return;
	}
	read_facts(fd, &facts);
	/* Generated code: an open file would keep the memory of an ended process. */
	if (!facts.is_elf && mapping_kind_of(sighting->path) == MAPPING_MEMFD) {
		(void)close(fd);
		kept->attempts = ATTEMPTS_MAX;
		return;
	}
	take_open(cache, kept, &facts, sighting, fd);
}

/* A sighting whose file the reader opens. */
struct opening {
	struct mapped_file_cache *cache;
	struct mapping mapping; /* with a reference to the file as it was seen */
	struct file_user user;
	pid_t pid;
	uint64_t now_ns;
};

static void finish_opening(const struct opening *opening, enum symbols_status status,
			   const struct file_facts *facts, int fd)
{
	struct mapped_file_cache *cache = opening->cache;
	const struct mapped_file *file = opening->mapping.file;
	const struct file_sighting sighting = {.identity = &file->identity,
					       .path = file->path,
					       .seen_ns = file->seen_ns,
					       .now_ns = opening->now_ns};
	struct kept_file *kept;

	pthread_mutex_lock(&cache->lock);
	kept = find(cache, &file->identity, file->path);
	if (kept) {
		kept->is_waiting = false;
		kept->user = opening->user;
	}
	if (kept && status == SYMBOLS_OK && kept->fd < 0 && kept->file == kept->seen) {
		take_open(cache, kept, facts, &sighting, fd);
		fd = -1;
	} else if (status != SYMBOLS_OK) {
		cache->statistics.not_opened++;
	}
	if (kept && status == SYMBOLS_REFUSED && opening->mapping.kind == MAPPING_MEMFD)
		kept->attempts = ATTEMPTS_MAX;
	/* It can be opened when its file system answers again. */
	if (kept && status == SYMBOLS_TIMEOUT && kept->attempts > 0)
		kept->attempts--;
	pthread_mutex_unlock(&cache->lock);
	if (status == SYMBOLS_OK && fd >= 0)
		(void)close(fd);
}

static void open_now(struct opening *opening)
{
	struct file_facts facts;
	int fd = -1;
	enum symbols_status status;

	opening->user = file_reader_user_of(opening->pid);
	status = file_reader_open(opening->cache->reader, opening->pid, &opening->mapping, &facts,
				  &fd);
	finish_opening(opening, status, &facts, fd);
}

/* Another thread may have needed the file before. */
static bool is_still_waiting(const struct opening *opening)
{
	const struct mapped_file *file = opening->mapping.file;
	const struct kept_file *kept;
	bool is_waiting;

	pthread_mutex_lock(&opening->cache->lock);
	kept = find(opening->cache, &file->identity, file->path);
	is_waiting = kept && kept->is_waiting;
	pthread_mutex_unlock(&opening->cache->lock);
	return is_waiting;
}

static void run_opening(void *context, bool is_cancelled)
{
	struct opening *opening = context;

	if (!is_cancelled && is_still_waiting(opening))
		open_now(opening);
	mapped_file_release(opening->mapping.file);
	free(opening);
}

/* Opens a file that waits for the thread of the reader. */
static void open_waiting(struct mapped_file_cache *cache, const struct mapped_file *file)
{
	struct opening opening = {.cache = cache};
	const struct kept_file *kept;

	pthread_mutex_lock(&cache->lock);
	kept = find(cache, &file->identity, file->path);
	if (kept && kept->is_waiting) {
		opening.mapping = kept->wanted;
		opening.mapping.file = mapped_file_reference(kept->seen);
		opening.pid = kept->wanted_pid;
		opening.now_ns = kept->seen_ns;
	}
	pthread_mutex_unlock(&cache->lock);
	if (!opening.mapping.file)
		return;
	open_now(&opening);
	mapped_file_release(opening.mapping.file);
}

static void open_later(struct mapped_file_cache *cache, struct kept_file *kept,
		       const struct mapping *mapping, const struct file_sighting *sighting)
{
	struct opening *opening = malloc(sizeof(*opening));

	if (!opening)
		return;
	*opening = (struct opening){.cache = cache,
				    .mapping = *mapping,
				    .pid = sighting->pid,
				    .now_ns = sighting->now_ns};
	kept->wanted = *mapping;
	kept->wanted_pid = sighting->pid;
	opening->mapping.file = mapped_file_reference(kept->seen);
	kept->is_waiting = file_reader_submit(
		cache->reader, &(const struct file_task){run_opening, opening, sighting->is_new});
	if (!kept->is_waiting)
		run_opening(opening, true);
}

static void open_kept(struct mapped_file_cache *cache, struct kept_file *kept,
		      const struct file_sighting *sighting)
{
	const struct mapping mapping = {
		.start = sighting->start,
		.end = sighting->end,
		.kind = mapping_kind_of(sighting->path),
		.file = kept->file,
	};

	kept->attempts++;
	if (cache->reader)
		open_later(cache, kept, &mapping, sighting);
	else
		open_directly(cache, kept, &mapping, sighting);
}

/* As close_some(). The newest entry is in use. */
static void keep_limit(struct mapped_file_cache *cache)
{
	size_t left = MAPPED_FILE_CACHE_ENTRIES_MAX / BATCH_PART;
	struct kept_file *newer;
	struct file_user user;

	if (cache->statistics.files <= MAPPED_FILE_CACHE_ENTRIES_MAX)
		return;
	user = find_largest_user(cache, false);
	for (struct kept_file *kept = cache->oldest; kept != cache->newest && left > 0;
	     kept = newer) {
		newer = kept->newer;
		if (!user_use_is_same(&kept->user, &user))
			continue;
		remove_entry(cache, kept);
		left--;
	}
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
	if (kept->fd < 0 && !is_united(kept) && !kept->is_waiting && kept->attempts < ATTEMPTS_MAX)
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

/* Returns the entry that has the descriptor of the file; NULL if it is not known any more. */
static const struct kept_file *find_joined(struct mapped_file_cache *cache,
					   const struct mapped_file *file)
{
	const struct kept_file *kept = find(cache, &file->identity, file->path);

	return kept && is_united(kept) ? find(cache, &kept->file->identity, kept->file->path)
				       : kept;
}

void mapped_file_cache_identify(void *context, const struct mapped_file *file,
				struct file_identity *ret_identity)
{
	struct mapped_file_cache *cache = context;
	const struct kept_file *kept;

	pthread_mutex_lock(&cache->lock);
	kept = find_joined(cache, file);
	if (kept)
		*ret_identity = kept->seen->identity;
	pthread_mutex_unlock(&cache->lock);
}

/* Also sets on whose behalf the file is read. */
static int duplicate_kept(struct mapped_file_cache *cache, const struct mapped_file *file)
{
	const struct file_identity *identity = &file->identity;
	const struct kept_file *kept;
	int fd = -1;

	cache->requester = (struct file_requester){
		{.uid = FILE_USER_UNKNOWN}, identity->device_major, identity->device_minor, 0};
	cache->opened.inode = 0;
	cache->load_bytes = cache->waited_ns = 0;
	cache->has_timed_out = false;
	pthread_mutex_lock(&cache->lock);
	kept = find_joined(cache, file);
	if (kept && kept->fd >= 0) {
		fd = fcntl(kept->fd, F_DUPFD_CLOEXEC, 0);
		cache->requester = (struct file_requester){kept->user, kept->facts.device_major,
							   kept->facts.device_minor, 0};
		cache->opened = kept->facts;
	}
	pthread_mutex_unlock(&cache->lock);
	return fd;
}

/* The process can have ended, and another one have its ID. Only a build ID, which the caller
 * compares, shows that the mapping at these addresses is another one. */
enum symbols_status mapped_file_cache_open(void *context, pid_t pid, const struct mapping *mapping,
					   int *ret_fd)
{
	const struct file_identity *identity = &mapping->file->identity;
	struct mapped_file_cache *cache = context;
	enum symbols_status status;
	struct file_facts facts;
	int fd;

	if (cache->reader)
		open_waiting(cache, mapping->file);
	fd = duplicate_kept(cache, mapping->file);
	if (fd >= 0) {
		*ret_fd = fd;
		return SYMBOLS_OK;
	}
	if (identity->build_id_bytes == 0)
		pid = 0;
	if (!cache->reader)
		return mapped_open(pid, mapping, cache->root_fd, ret_fd);
	status = file_reader_open(cache->reader, pid, mapping, &facts, ret_fd);
	if (status == SYMBOLS_OK)
		cache->opened = facts;
	cache->untimely += status == SYMBOLS_TIMEOUT;
	return status;
}

static void note_timeout(struct mapped_file_cache *cache)
{
	cache->has_timed_out = true;
	cache->untimely++;
}

static enum symbols_status read_now(struct mapped_file_cache *cache, int fd, uint64_t offset,
				    void *buffer, size_t size_bytes)
{
	const struct file_part part = {offset, buffer, size_bytes};
	const uint64_t begun_ns = clock_boottime_ns();
	enum symbols_status status = file_reader_read(cache->reader, &cache->requester, fd, &part);

	cache->waited_ns += clock_boottime_ns() - begun_ns;
	if (status == SYMBOLS_TIMEOUT)
		note_timeout(cache);
	return status;
}

static bool has_ahead(const struct mapped_file_cache *cache, uint64_t offset, size_t size_bytes)
{
	const struct ahead *ahead = &cache->ahead;

	return ahead->file.inode && is_same_file(&ahead->file, &cache->opened) &&
	       offset >= ahead->offset && offset - ahead->offset <= ahead->size_bytes &&
	       size_bytes <= ahead->size_bytes - (offset - ahead->offset);
}

static enum symbols_status read_ahead(struct mapped_file_cache *cache, int fd, uint64_t offset)
{
	const uint64_t left = cache->opened.size_bytes - offset;
	struct ahead *ahead = &cache->ahead;
	enum symbols_status status;

	ahead->offset = offset;
	ahead->size_bytes = left < AHEAD_BYTES ? (size_t)left : AHEAD_BYTES;
	ahead->file.inode = 0;
	status = read_now(cache, fd, offset, ahead->bytes, ahead->size_bytes);
	if (status == SYMBOLS_OK)
		ahead->file = cache->opened;
	return status;
}

/* The file counts as one that could not be read in time: it is tried again. */
static bool refuse(struct mapped_file_cache *cache)
{
	note_timeout(cache);
	atomic_fetch_add(&cache->over_budget, 1);
	return false;
}

static bool may_go_on(void *context, unsigned int ends)
{
	struct mapped_file_cache *cache = context;
	const struct load_progress progress = {ends, cache->waited_ns};

	if (cache->has_timed_out)
		return false;
	return !cache->must_stop || !cache->must_stop(cache->stop_context, &progress) ||
	       refuse(cache);
}

/* Whether so many bytes more may be read. */
static bool take_budget(struct mapped_file_cache *cache, size_t size_bytes)
{
	const uint64_t now_ns = clock_boottime_ns();
	const struct file_user *user = &cache->requester.user;

	if (size_bytes > LOAD_BYTES_MAX - cache->load_bytes ||
	    user_use_of(&cache->read_bytes, user, now_ns) + size_bytes > USER_BYTES_MAX)
		return refuse(cache);
	cache->load_bytes += size_bytes;
	user_use_add(&cache->read_bytes, user, size_bytes, now_ns);
	return true;
}

static enum symbols_status read_part(struct mapped_file_cache *cache, int fd, uint64_t offset,
				     void *buffer, size_t size_bytes)
{
	enum symbols_status status = SYMBOLS_OK;

	if (cache->opened.inode && cache->opened.is_readable)
		return elf_image_read_file(fd, offset, buffer, size_bytes);
	if (size_bytes >= AHEAD_BYTES || !cache->opened.inode ||
	    offset > cache->opened.size_bytes || size_bytes > cache->opened.size_bytes - offset)
		return read_now(cache, fd, offset, buffer, size_bytes);
	if (!has_ahead(cache, offset, size_bytes))
		status = read_ahead(cache, fd, offset);
	if (status == SYMBOLS_OK)
		memcpy(buffer, cache->ahead.bytes + (offset - cache->ahead.offset), size_bytes);
	return status;
}

static enum symbols_status read_file(void *context, int fd, uint64_t offset, void *buffer,
				     size_t size_bytes)
{
	struct mapped_file_cache *cache = context;

	if (cache->has_timed_out || !take_budget(cache, size_bytes))
		return SYMBOLS_TIMEOUT;
	return read_part(cache, fd, offset, buffer, size_bytes);
}

static enum symbols_status measure_file(void *context, int fd, uint64_t *ret_size_bytes)
{
	struct mapped_file_cache *cache = context;
	struct file_facts facts;
	enum symbols_status status = mapped_file_cache_measure(cache, fd, &facts);

	if (status == SYMBOLS_TIMEOUT)
		note_timeout(cache);
	*ret_size_bytes = facts.size_bytes;
	return status;
}

static bool file_has_timed_out(const void *context)
{
	const struct mapped_file_cache *cache = context;

	return cache->has_timed_out;
}

void mapped_file_cache_use_reader(struct mapped_file_cache *cache, struct file_reader *reader)
{
	cache->reader = reader;
	cache->source = (struct elf_source){.read = read_file,
					    .measure = measure_file,
					    .has_timed_out = file_has_timed_out,
					    .may_go_on = may_go_on,
					    .context = cache};
}

uint64_t mapped_file_cache_untimely(const struct mapped_file_cache *cache)
{
	return cache->untimely;
}

void mapped_file_cache_set_stop(struct mapped_file_cache *cache,
				bool (*must_stop)(void *context,
						  const struct load_progress *progress),
				void *context)
{
	cache->must_stop = must_stop;
	cache->stop_context = context;
}

struct file_reader *mapped_file_cache_reader(const struct mapped_file_cache *cache)
{
	return cache->reader;
}

const struct elf_source *mapped_file_cache_source(struct mapped_file_cache *cache)
{
	return cache->reader ? &cache->source : NULL;
}

enum symbols_status mapped_file_cache_measure(struct mapped_file_cache *cache, int fd,
					      struct file_facts *ret_facts)
{
	if (cache->opened.inode) {
		*ret_facts = cache->opened;
		return SYMBOLS_OK;
	}
	if (cache->reader)
		return file_reader_measure(cache->reader, &cache->requester, fd, ret_facts);
	read_facts(fd, ret_facts);
	return ret_facts->inode ? SYMBOLS_OK : SYMBOLS_IO;
}

void mapped_file_cache_get_statistics(struct mapped_file_cache *cache,
				      struct mapped_file_cache_statistics *ret_statistics)
{
	pthread_mutex_lock(&cache->lock);
	*ret_statistics = cache->statistics;
	ret_statistics->over_budget = atomic_load(&cache->over_budget);
	pthread_mutex_unlock(&cache->lock);
}
