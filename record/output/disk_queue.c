/* record/output/disk_queue.c - operations on files, in memory shared by two processes */
#include "record/output/disk_queue.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "record/common/clock.h"

/* If nothing waits, memory beyond the first is not begun, as what was used last is in the cache;
 * and memory beyond the second is returned. */
#define USED_BYTES (256u << 10)
#define KEPT_BYTES (1u << 20)

_Static_assert(sizeof(struct disk_operation) == 32, "an operation fits at the end of the memory");
_Static_assert(DISK_QUEUE_BYTES % sizeof(struct disk_operation) == 0, "whole operations");

struct disk_queue *disk_queue_new(void)
{
	struct disk_queue *queue = mmap(NULL, sizeof(*queue), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (queue == MAP_FAILED)
		return NULL;
	atomic_store(&queue->space_bytes, UINT64_MAX);
	return queue;
}

void disk_queue_free(struct disk_queue *queue)
{
	if (queue)
		(void)munmap(queue, sizeof(*queue));
}

size_t disk_queue_used(const struct disk_queue *queue)
{
	return (size_t)(atomic_load(&queue->added) - atomic_load(&queue->done));
}

static size_t size_of(const struct disk_operation *operation)
{
	const size_t unit = sizeof(*operation);

	return unit + (operation->size_bytes + unit - 1) / unit * unit;
}

/* Skips the rest of the memory, so that an operation is in one piece. */
static void skip_rest(struct disk_queue *queue, uint64_t added, size_t rest)
{
	const struct disk_operation skip = {
		.kind = DISK_OPERATION_SKIP,
		.size_bytes = (uint32_t)(rest - sizeof(skip)),
	};

	memcpy(queue->bytes + added % DISK_QUEUE_BYTES, &skip, sizeof(skip));
	atomic_store(&queue->added, added + rest);
}

bool disk_queue_add(struct disk_queue *queue, const struct disk_operation *operation,
		    const struct iovec *pieces, int count)
{
	const size_t size = size_of(operation);
	uint64_t added = atomic_load(&queue->added);
	const size_t used = disk_queue_used(queue), place = (size_t)(added % DISK_QUEUE_BYTES);
	size_t rest = DISK_QUEUE_BYTES - place;
	uint8_t *next;

	if (size <= rest && (used > 0 || place < USED_BYTES || size > place))
		rest = 0;
	if (operation->size_bytes > DISK_QUEUE_PIECE_BYTES || used + rest + size > DISK_QUEUE_BYTES)
		return false;
	if (used == 0 && place > KEPT_BYTES)
		(void)madvise((uint8_t *)queue + KEPT_BYTES, sizeof(*queue) - KEPT_BYTES,
			      MADV_REMOVE);
	if (used == 0) /* the wait for the disk begins */
		atomic_store(&queue->progress_ns, clock_boottime_ns());
	if (rest > 0) {
		skip_rest(queue, added, rest);
		added += rest;
	}
	next = queue->bytes + added % DISK_QUEUE_BYTES;
	memcpy(next, operation, sizeof(*operation));
	next += sizeof(*operation);
	for (int i = 0; i < count; i++)
		next = mempcpy(next, pieces[i].iov_base, pieces[i].iov_len);
	atomic_store(&queue->added, added + size);
	return true;
}

const struct disk_operation *disk_queue_first(struct disk_queue *queue, const uint8_t **ret_bytes)
{
	const uint8_t *first = queue->bytes + atomic_load(&queue->done) % DISK_QUEUE_BYTES;

	if (disk_queue_used(queue) == 0)
		return NULL;
	*ret_bytes = first + sizeof(struct disk_operation);
	return (const struct disk_operation *)(const void *)first;
}

void disk_queue_end_first(struct disk_queue *queue)
{
	const uint8_t *bytes;
	const struct disk_operation *first = disk_queue_first(queue, &bytes);

	if (!first)
		return;
	atomic_store(&queue->progress_ns, clock_boottime_ns());
	atomic_fetch_add(&queue->done, size_of(first));
}

struct disk_file *disk_queue_file(struct disk_queue *queue, uint32_t number)
{
	return &queue->files[number % DISK_QUEUE_FILES];
}
