/* record/output/disk_work.c - carries out the operations of a disk queue */
#include "record/output/disk_work.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"

/* Longest wait for a sync before the trailer is written: the recorder ends in two seconds. */
#define SETTLE_NS UINT64_C(400000000)
/* How often the end of a sync is looked for. */
#define SYNC_CHECK_MS 100
#define NS_PER_S      UINT64_C(1000000000)

static struct disk_work_file *find_file(struct disk_work *work, uint32_t number)
{
	for (size_t i = 0; i < DISK_WORK_FILES; i++) {
		if (work->files[i].number == number)
			return &work->files[i];
	}
	return NULL;
}

/* Each block has its place: one that is written again does no harm. */
bool disk_work_receive(struct disk_work *work)
{
	struct disk_work_file *file = find_file(work, 0);
	struct disk_work_message message;
	int descriptors[2];

	if (!file ||
	    !helper_process_receive(work->socket, &message, sizeof(message), descriptors, 2))
		return false;
	*file = (struct disk_work_file){message.number, descriptors[0], descriptors[1]};
	(void)fcntl(file->fd, F_SETFL, O_WRONLY);
	return true;
}

static void fail(struct disk_work *work, const struct disk_work_file *file, int error,
		 uint64_t bytes)
{
	struct disk_file *state = disk_queue_file(work->queue, file->number);

	if (ftruncate(file->fd, (off_t)bytes) == 0)
		atomic_store(&state->bytes, bytes);
	atomic_store(&state->error, error);
}

static void end_sync(struct disk_work *work, int error)
{
	struct disk_work_file *file = find_file(work, work->syncing);
	struct disk_file *state = disk_queue_file(work->queue, work->syncing);

	work->syncing = 0;
	/* After an error the kernel forgets which pages it could not write: a second attempt would
	 * succeed without them. */
	if (error && file)
		fail(work, file, error, atomic_load(&state->bytes));
	else
		atomic_store(&state->synced_bytes, work->syncing_bytes);
}

bool disk_work_is_syncing(struct disk_work *work)
{
	int error;

	if (work->syncing && disk_sync_ended(work->sync, &error))
		end_sync(work, error);
	return work->syncing != 0;
}

/* Starts a sync of what is not on the disk. Without a thread it ends at once. */
static void begin_sync(struct disk_work *work, const struct disk_work_file *file)
{
	struct disk_file *state = disk_queue_file(work->queue, file->number);
	const uint64_t bytes = atomic_load(&state->bytes);

	if (disk_work_is_syncing(work) || atomic_load(&state->error) ||
	    atomic_load(&state->synced_bytes) == bytes)
		return;
	work->syncing = file->number;
	work->syncing_bytes = bytes;
	if (work->sync)
		disk_sync_begin(work->sync, file->fd);
	else
		end_sync(work, disk_sync_now(file->fd));
}

static void use_file(struct disk_work *work, const struct disk_operation *operation,
		     const uint8_t *bytes)
{
	struct disk_file *state = disk_queue_file(work->queue, operation->file);

	(void)bytes;
	while (!find_file(work, operation->file) && disk_work_receive(work))
		continue;
	atomic_store(&state->bytes, operation->offset);
	atomic_store(&state->synced_bytes, 0);
	atomic_store(&state->error, find_file(work, operation->file) ? 0 : EBADF);
	atomic_store(&state->number, operation->file);
}

static bool write_at(int fd, const uint8_t *bytes, size_t size, uint64_t offset)
{
	while (size > 0) {
		const ssize_t written = pwrite(fd, bytes, size, (off_t)offset);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
			offset += (uint64_t)written;
		}
	}
	return true;
}

static void write_piece(struct disk_work *work, const struct disk_operation *operation,
			const uint8_t *bytes)
{
	const struct disk_work_file *file = find_file(work, operation->file);
	struct disk_file *state = disk_queue_file(work->queue, operation->file);

	if (atomic_load(&state->error) || !file)
		return;
	if (!write_at(file->fd, bytes, operation->size_bytes, operation->offset))
		fail(work, file, errno, atomic_load(&state->bytes));
	else if (operation->is_last)
		atomic_store(&state->bytes, operation->offset + operation->size_bytes);
}

static void start_sync(struct disk_work *work, const struct disk_operation *operation,
		       const uint8_t *bytes)
{
	const struct disk_work_file *file = find_file(work, operation->file);

	(void)bytes;
	if (file)
		begin_sync(work, file);
}

/* The directory of the file may be on no disk. */
static void publish(struct disk_work *work, const struct disk_operation *operation,
		    const uint8_t *bytes)
{
	const struct disk_work_file *file = find_file(work, operation->file);

	(void)bytes;
	if (file && fsync(file->directory_fd) != 0 && errno != EINVAL && errno != EROFS)
		fail(work, file, errno, 0);
}

/* A sync that takes long goes on while the trailer is written. If it fails, the trailer is removed
 * again. */
static void settle(struct disk_work *work, const struct disk_operation *operation,
		   const uint8_t *bytes)
{
	const struct disk_work_file *file = find_file(work, operation->file);
	int error;

	(void)bytes;
	if (!file)
		return;
	if (disk_work_is_syncing(work)) {
		if (!disk_sync_wait_for(work->sync, SETTLE_NS, &error))
			return;
		end_sync(work, error);
	}
	begin_sync(work, file);
	if (work->syncing && disk_sync_wait_for(work->sync, SETTLE_NS, &error))
		end_sync(work, error);
}

static void look_for_space(struct disk_work *work, const struct disk_operation *operation,
			   const uint8_t *bytes)
{
	const struct disk_work_file *file = find_file(work, operation->file);
	struct statfs system;

	(void)bytes;
	if (file && fstatfs(file->fd, &system) == 0)
		atomic_store(&work->queue->space_bytes,
			     (uint64_t)system.f_bavail * (uint64_t)system.f_bsize);
}

static void close_file(struct disk_work *work, const struct disk_operation *operation,
		       const uint8_t *bytes)
{
	struct disk_work_file *file = find_file(work, operation->file);
	struct disk_file *state = disk_queue_file(work->queue, operation->file);

	(void)bytes;
	if (!file)
		return;
	for (int i = 0; i < 2; i++) { /* the one under way, and one of the rest */
		if (work->syncing)
			end_sync(work, disk_sync_wait(work->sync));
		begin_sync(work, file);
	}
	if (work->syncing)
		end_sync(work, disk_sync_wait(work->sync));
	if (atomic_load(&state->error) && operation->offset &&
	    operation->offset < atomic_load(&state->bytes))
		fail(work, file, atomic_load(&state->error), operation->offset);
	(void)close(file->directory_fd);
	if (close(file->fd) != 0 && !atomic_load(&state->error))
		atomic_store(&state->error, errno);
	file->number = 0;
	atomic_store(&work->queue->closed, operation->file);
}

static void do_nothing(struct disk_work *work, const struct disk_operation *operation,
		       const uint8_t *bytes)
{
	(void)work;
	(void)operation;
	(void)bytes;
}

void disk_work_run(struct disk_work *work)
{
	static void (*const table[DISK_OPERATION_COUNT])(
		struct disk_work *, const struct disk_operation *, const uint8_t *) = {
		[DISK_OPERATION_SKIP] = do_nothing,      [DISK_OPERATION_FILE] = use_file,
		[DISK_OPERATION_WRITE] = write_piece,    [DISK_OPERATION_SYNC] = start_sync,
		[DISK_OPERATION_PUBLISH] = publish,      [DISK_OPERATION_SETTLE] = settle,
		[DISK_OPERATION_SPACE] = look_for_space, [DISK_OPERATION_CLOSE] = close_file,
	};
	const struct disk_operation *operation;
	const uint8_t *bytes;
	struct timespec cpu;

	while (atomic_load(&work->queue->is_taken) == work->is_recorder &&
	       (operation = disk_queue_first(work->queue, &bytes)) != NULL) {
		if (operation->kind < DISK_OPERATION_COUNT)
			table[operation->kind](work, operation, bytes);
		/* If the recorder writes by now, it repeats the operation. */
		if (atomic_load(&work->queue->is_taken) == work->is_recorder)
			disk_queue_end_first(work->queue);
	}
	if (!work->is_recorder && clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
		atomic_store(&work->queue->cpu_ns,
			     (uint64_t)cpu.tv_sec * NS_PER_S + (uint64_t)cpu.tv_nsec);
}

/* Waits for the next operation. Returns false if the recorder has ended. */
static bool wait_for_work(struct disk_process *process, int socket)
{
	struct pollfd waits[] = {{.fd = process->wake_fd, .events = POLLIN}, {.fd = socket}};
	uint64_t count;

	atomic_store(&process->work.queue->is_idle, true);
	if (disk_queue_used(process->work.queue) == 0 &&
	    !atomic_load(&process->work.queue->is_ending))
		(void)poll(waits, 2, disk_work_is_syncing(&process->work) ? SYNC_CHECK_MS : -1);
	atomic_store(&process->work.queue->is_idle, false);
	if (waits[0].revents & POLLIN)
		(void)!read(process->wake_fd, &count, sizeof(count));
	return !(waits[1].revents & (POLLHUP | POLLERR));
}

void disk_work_serve(void *context, int socket)
{
	struct disk_process *process = context;
	struct disk_work *work = &process->work;
	bool is_recording = true;

	/* It writes what waits also when the recorder was killed. */
	(void)prctl(PR_SET_PDEATHSIG, 0);
	work->socket = socket;
	work->sync = disk_sync_new(NULL);
	if (!privileges_keep_writing())
		return;
	while (is_recording && !atomic_load(&work->queue->is_taken) &&
	       !atomic_load(&work->queue->is_ending)) {
		disk_work_run(work);
		is_recording = wait_for_work(process, socket);
	}
	disk_work_run(work);
}
