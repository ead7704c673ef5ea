/* record/output/disk_sync.c - syncs a file to the disk on a dedicated thread */
#include "record/output/disk_sync.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "record/common/thread.h"

#define NS_PER_S 1000000000u

struct disk_sync {
	bool (*begin_thread)(void);
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock: */
	int fd; /* -1: no sync is under way */
	int error;
	bool ending;
};

/* EROFS is an error: the file system was remounted read-only after a failure. */
int disk_sync_now(int fd)
{
	int result;

	do /* an interrupted sync is not done */
		result = fdatasync(fd);
	while (result != 0 && errno == EINTR);
	return result == 0 || errno == EINVAL ? 0 : errno;
}

static void *run(void *context)
{
	struct disk_sync *sync = context;

	pthread_setname_np(pthread_self(), "diag-sync");
	if (sync->begin_thread)
		(void)sync->begin_thread();
	pthread_mutex_lock(&sync->lock);
	while (!sync->ending || sync->fd >= 0) {
		int fd = sync->fd, error;

		if (fd < 0) {
			pthread_cond_wait(&sync->changed, &sync->lock);
			continue;
		}
		pthread_mutex_unlock(&sync->lock);
		error = disk_sync_now(fd);
		pthread_mutex_lock(&sync->lock);
		sync->error = error;
		sync->fd = -1;
		pthread_cond_broadcast(&sync->changed);
	}
	pthread_mutex_unlock(&sync->lock);
	return NULL;
}

struct disk_sync *disk_sync_new(bool (*begin_thread)(void))
{
	struct disk_sync *sync = calloc(1, sizeof(*sync));

	if (!sync)
		return NULL;
	sync->begin_thread = begin_thread;
	sync->fd = -1;
	pthread_mutex_init(&sync->lock, NULL);
	pthread_cond_init(&sync->changed, NULL);
	if (thread_start(&sync->thread, run, sync))
		return sync;
	pthread_cond_destroy(&sync->changed);
	pthread_mutex_destroy(&sync->lock);
	free(sync);
	return NULL;
}

void disk_sync_free(struct disk_sync *sync)
{
	if (!sync)
		return;
	pthread_mutex_lock(&sync->lock);
	sync->ending = true;
	pthread_cond_broadcast(&sync->changed);
	pthread_mutex_unlock(&sync->lock);
	(void)pthread_join(sync->thread, NULL);
	pthread_cond_destroy(&sync->changed);
	pthread_mutex_destroy(&sync->lock);
	free(sync);
}

void disk_sync_begin(struct disk_sync *sync, int fd)
{
	pthread_mutex_lock(&sync->lock);
	sync->fd = fd;
	sync->error = 0;
	pthread_cond_broadcast(&sync->changed);
	pthread_mutex_unlock(&sync->lock);
}

bool disk_sync_ended(struct disk_sync *sync, int *ret_error)
{
	bool ended;

	pthread_mutex_lock(&sync->lock);
	ended = sync->fd < 0;
	*ret_error = sync->error;
	pthread_mutex_unlock(&sync->lock);
	return ended;
}

bool disk_sync_wait_for(struct disk_sync *sync, uint64_t wait_ns, int *ret_error)
{
	struct timespec end;
	uint64_t end_ns;
	bool ended;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end_ns = (uint64_t)end.tv_nsec + wait_ns;
	end.tv_sec += (time_t)(end_ns / NS_PER_S);
	end.tv_nsec = (long)(end_ns % NS_PER_S);
	pthread_mutex_lock(&sync->lock);
	while (sync->fd >= 0 && pthread_cond_timedwait(&sync->changed, &sync->lock, &end) == 0)
		continue;
	ended = sync->fd < 0;
	*ret_error = sync->error;
	pthread_mutex_unlock(&sync->lock);
	return ended;
}

int disk_sync_wait(struct disk_sync *sync)
{
	int error;

	pthread_mutex_lock(&sync->lock);
	while (sync->fd >= 0)
		pthread_cond_wait(&sync->changed, &sync->lock);
	error = sync->error;
	pthread_mutex_unlock(&sync->lock);
	return error;
}
