/* record/output/disk_writer.c - writes the files of a recording in a helper process */
#include "record/output/disk_writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/output/disk_work.h"
#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"

/* A disk is not waited for any more when it has not answered during this time. */
#define ANSWER_NS UINT64_C(1400000000)
/* What is only not synced is not waited for longer at the end, and nothing is for less. */
#define SYNC_NS  UINT64_C(1200000000)
#define END_NS   UINT64_C(300000000)
#define SPACE_NS UINT64_C(1000000000)
/* How often it is looked how much space there is while nothing is written. */
#define SPACE_QUIET_NS  UINT64_C(9000000000)
#define PAUSE_NS        2000000
#define CONGESTED_BYTES (DISK_QUEUE_BYTES / 2)

struct disk_writer {
	struct helper_process process;
	struct disk_process serving; /* of the process; here the work after it has ended */
	struct disk_queue *queue;
	/* The files in `spare` are sent, and were not received: the recorder can take them back,
	 * and leaves without a wait for their file system, as it has not opened them. */
	int spare[2];
	uint32_t spare_oldest; /* number of the file */
	uint32_t file_count;
	uint64_t close_at;  /* where in the queue the last CLOSE begins */
	uint64_t closed_at; /* where it ends */
	uint64_t space_ns;  /* when it was last asked how much space there is */
	uint64_t space_at;  /* where in the queue that ends */
	bool awaits_space;  /* the answer was not used yet */
	/* The last file that was written, and its size; the one whose sync was asked for, then. */
	uint32_t written_file;
	uint64_t written_bytes;
	uint32_t synced_file;
	uint64_t synced_bytes;
	bool has_failed; /* the process has ended, and the files could not be taken back */
};

/* Whether this process carries out the operations. */
static bool is_taken(const struct disk_writer *writer)
{
	return atomic_load(&writer->queue->is_taken);
}

static bool start(struct disk_writer *writer, struct problem *ret_problem)
{
	const struct helper_process_role role = {
		.name = "diag-disk",
		.purpose = "the disk",
		.keep_privileges = privileges_drop_all_of_thread,
		.serve = disk_work_serve,
		.context = &writer->serving,
	};

	if (!writer->queue)
		return problem_set(ret_problem, "helper process for the disk: out of memory");
	writer->serving.work.queue = writer->queue;
	if (writer->serving.wake_fd < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, writer->spare) !=
		    0)
		return problem_set(ret_problem, "helper process for the disk: out of descriptors: "
						"see ulimit -n");
	return helper_process_start(&role, &writer->process, ret_problem);
}

static void free_parts(struct disk_writer *writer)
{
	if (writer->serving.wake_fd >= 0)
		(void)close(writer->serving.wake_fd);
	for (int i = 0; i < 2; i++) {
		if (writer->spare[i] >= 0)
			(void)close(writer->spare[i]);
	}
	disk_queue_free(writer->queue);
	free(writer);
}

bool disk_writer_start(struct disk_writer **ret_writer, struct problem *ret_problem)
{
	struct disk_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return problem_set(ret_problem, "out of memory");
	writer->queue = disk_queue_new();
	writer->serving.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	writer->spare[0] = writer->spare[1] = -1;
	if (!start(writer, ret_problem)) {
		free_parts(writer);
		return false;
	}
	/* Further helper processes and the command do not get it. */
	(void)madvise(writer->queue, sizeof(*writer->queue), MADV_DONTFORK);
	*ret_writer = writer;
	return true;
}

static void wake(struct disk_writer *writer)
{
	const uint64_t one = 1;

	if (is_taken(writer))
		disk_work_run(&writer->serving.work);
	else if (atomic_exchange(&writer->queue->is_idle, false))
		(void)!write(writer->serving.wake_fd, &one, sizeof(one));
}

void disk_writer_free(struct disk_writer *writer)
{
	if (!writer)
		return;
	/* A workload that has not started yet also has the socket open. */
	atomic_store(&writer->queue->is_ending, true);
	wake(writer);
	if (disk_queue_used(writer->queue) == 0 && !is_taken(writer))
		helper_process_end(&writer->process);
	else
		helper_process_give_up(&writer->process);
	free_parts(writer);
}

/* Whether the disk has not answered for a while. Call if something waits. */
static bool is_silent(const struct disk_writer *writer)
{
	const uint64_t progress_ns = atomic_load(&writer->queue->progress_ns);
	const uint64_t now_ns = clock_boottime_ns();

	return now_ns > progress_ns && now_ns - progress_ns >= ANSWER_NS;
}

static void pause_a_while(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	(void)nanosleep(&pause, NULL);
}

static bool add(struct disk_writer *writer, const struct disk_operation *operation,
		const struct iovec *pieces, int count)
{
	while (!disk_queue_add(writer->queue, operation, pieces, count)) {
		if (is_silent(writer))
			return false;
		pause_a_while();
		disk_writer_watch(writer);
	}
	wake(writer);
	return true;
}

/* The oldest spare files are closed with those of the process. */
static void drop_spare(struct disk_writer *writer)
{
	const uint32_t closed = atomic_load(&writer->queue->closed);
	struct disk_work_message message;
	int descriptors[2];

	while (!is_taken(writer) && writer->spare_oldest <= closed &&
	       writer->spare_oldest <= writer->file_count && writer->spare_oldest > 0) {
		if (!helper_process_receive(writer->spare[1], &message, sizeof(message),
					    descriptors, 2))
			return;
		(void)close(descriptors[0]);
		(void)close(descriptors[1]);
		writer->spare_oldest++;
	}
}

uint32_t disk_writer_take(struct disk_writer *writer, struct new_file *file, uint64_t bytes)
{
	const struct disk_work_message message = {writer->file_count + 1};
	const int descriptors[] = {file->fd, file->directory_fd};
	const struct disk_operation operation = {
		.kind = DISK_OPERATION_FILE,
		.file = message.number,
		.offset = bytes,
	};

	drop_spare(writer);
	if (!helper_process_send(writer->spare[0], &message, sizeof(message), descriptors, 2))
		return 0;
	if (!is_taken(writer))
		(void)helper_process_send(writer->process.socket, &message, sizeof(message),
					  descriptors, 2);
	if (writer->file_count == 0)
		writer->spare_oldest = 1;
	writer->file_count++;
	if (!add(writer, &operation, NULL, 0))
		return 0;
	(void)new_file_close(file);
	return message.number;
}

static int write_long_piece(struct disk_writer *writer, struct disk_operation *operation,
			    struct iovec piece, bool is_last)
{
	while (piece.iov_len > 0) {
		const size_t left = piece.iov_len;
		const size_t part = left < DISK_QUEUE_PIECE_BYTES ? left : DISK_QUEUE_PIECE_BYTES;
		const struct iovec first = {piece.iov_base, part};

		operation->size_bytes = (uint32_t)part;
		operation->is_last = is_last && part == left;
		if (!add(writer, operation, &first, 1))
			return ETIMEDOUT;
		operation->offset += part;
		piece = (struct iovec){(uint8_t *)piece.iov_base + part, left - part};
	}
	return 0;
}

int disk_writer_write(struct disk_writer *writer, uint32_t number, uint64_t offset,
		      const struct iovec *pieces, int count)
{
	struct disk_operation operation = {
		.kind = DISK_OPERATION_WRITE,
		.file = number,
		.offset = offset,
		.is_last = true,
	};
	size_t size = 0;
	uint64_t bytes;
	int error = disk_writer_error(writer, number, &bytes);

	while (count > 0 && pieces[count - 1].iov_len == 0)
		count--;
	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	operation.size_bytes = (uint32_t)size;
	if (error || size == 0)
		return error;
	writer->written_file = number;
	writer->written_bytes = offset + size;
	if (size <= DISK_QUEUE_PIECE_BYTES)
		return add(writer, &operation, pieces, count) ? 0 : ETIMEDOUT;
	for (int i = 0; error == 0 && i < count; i++)
		error = write_long_piece(writer, &operation, pieces[i], i == count - 1);
	return error;
}

static void add_simple(struct disk_writer *writer, enum disk_operation_kind kind, uint32_t number,
		       uint64_t offset)
{
	const struct disk_operation operation = {
		.kind = (uint8_t)kind,
		.file = number,
		.offset = offset,
	};

	(void)add(writer, &operation, NULL, 0);
}

void disk_writer_sync(struct disk_writer *writer, uint32_t number)
{
	add_simple(writer, DISK_OPERATION_SYNC, number, 0);
	writer->synced_file = number;
	writer->synced_bytes = number == writer->written_file ? writer->written_bytes : 0;
}

void disk_writer_publish(struct disk_writer *writer, uint32_t number)
{
	add_simple(writer, DISK_OPERATION_PUBLISH, number, 0);
}

void disk_writer_settle(struct disk_writer *writer, uint32_t number)
{
	add_simple(writer, DISK_OPERATION_SETTLE, number, 0);
}

void disk_writer_close(struct disk_writer *writer, uint32_t number, uint64_t bytes_on_failure)
{
	writer->close_at = atomic_load(&writer->queue->added);
	add_simple(writer, DISK_OPERATION_CLOSE, number, bytes_on_failure);
	writer->closed_at = atomic_load(&writer->queue->added);
}

int disk_writer_error(const struct disk_writer *writer, uint32_t number, uint64_t *ret_bytes)
{
	const struct disk_file *file = disk_queue_file(writer->queue, number);

	*ret_bytes = 0;
	if (writer->has_failed)
		return EIO;
	if (atomic_load(&file->number) != number)
		return 0;
	*ret_bytes = atomic_load(&file->bytes);
	return atomic_load(&file->error);
}

/* The files that are still open come back; those that were not used yet are used in turn. */
static void take_over(struct disk_writer *writer)
{
	struct disk_work *work = &writer->serving.work;

	drop_spare(writer);
	atomic_store(&writer->queue->is_taken, true);
	work->is_recorder = true;
	work->socket = writer->spare[1];
	while (disk_work_receive(work))
		continue;
	disk_work_run(work);
}

void disk_writer_tidy(struct disk_writer *writer)
{
	drop_spare(writer);
}

void disk_writer_watch(struct disk_writer *writer)
{
	drop_spare(writer);
	if (!is_taken(writer) &&
	    helper_process_watch(&writer->process, "the disk",
				 "diag-record writes the file itself, and waits for the disk"))
		take_over(writer);
}

bool disk_writer_is_congested(const struct disk_writer *writer)
{
	return disk_queue_used(writer->queue) > CONGESTED_BYTES;
}

uint64_t disk_writer_space(struct disk_writer *writer, uint32_t number, uint64_t now_ns)
{
	const bool is_quiet = atomic_load(&writer->queue->added) == writer->space_at;

	if (writer->awaits_space && atomic_load(&writer->queue->done) >= writer->space_at)
		writer->awaits_space = false;
	if (now_ns - writer->space_ns >= (is_quiet ? SPACE_QUIET_NS : SPACE_NS) &&
	    !disk_writer_is_congested(writer)) {
		writer->space_ns = now_ns;
		add_simple(writer, DISK_OPERATION_SPACE, number, 0);
		writer->space_at = atomic_load(&writer->queue->added);
		writer->awaits_space = true;
	}
	return atomic_load(&writer->queue->space_bytes);
}

bool disk_writer_is_synced(const struct disk_writer *writer)
{
	const struct disk_file *file = disk_queue_file(writer->queue, writer->synced_file);

	return atomic_load(&file->number) != writer->synced_file ||
	       atomic_load(&file->synced_bytes) >= writer->synced_bytes ||
	       atomic_load(&file->error) != 0;
}

bool disk_writer_is_quiet(const struct disk_writer *writer)
{
	return disk_queue_used(writer->queue) == 0 && !writer->awaits_space &&
	       disk_writer_is_synced(writer);
}

enum disk_end disk_writer_finish(struct disk_writer *writer)
{
	const uint64_t begin_ns = clock_boottime_ns();

	while (disk_queue_used(writer->queue) > 0) {
		const bool is_written = writer->closed_at == atomic_load(&writer->queue->added) &&
					atomic_load(&writer->queue->done) >= writer->close_at;
		const uint64_t waited_ns = clock_boottime_ns() - begin_ns;

		if (is_written && waited_ns >= SYNC_NS)
			return DISK_END_NOT_SYNCED;
		if (!is_written && waited_ns >= END_NS && is_silent(writer))
			return DISK_END_NOT_WRITTEN;
		disk_writer_watch(writer);
		pause_a_while();
	}
	return DISK_END_DONE;
}

uint64_t disk_writer_waiting_bytes(const struct disk_writer *writer)
{
	return disk_queue_used(writer->queue);
}

pid_t disk_writer_pid(const struct disk_writer *writer)
{
	return writer->process.pid;
}

uint64_t disk_writer_cpu_ns(const struct disk_writer *writer)
{
	return atomic_load(&writer->queue->cpu_ns);
}
