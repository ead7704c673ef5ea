/* record/stacks/file_reader_process.c - the helper processes that read files, and their messages */
#include "record/stacks/file_reader_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"
#include "symbols/elf_image.h"
#include "symbols/mapped_open.h"
#include "symbols/perf_map.h"

#define READER_NAME "diag-reader"

#define REAP_CHECKS   40
#define REAP_CHECK_NS 5000000

static void note_status(const struct stat *status, struct file_facts *facts)
{
	facts->inode = status->st_ino;
	facts->size_bytes = (uint64_t)status->st_size;
	facts->changed_s = status->st_ctim.tv_sec;
	facts->changed_ns = (uint32_t)status->st_ctim.tv_nsec;
	facts->modified_s = status->st_mtim.tv_sec;
	facts->modified_ns = (uint32_t)status->st_mtim.tv_nsec;
	facts->device_major = major(status->st_dev);
	facts->device_minor = minor(status->st_dev);
}

static void note_build_id(int fd, struct file_facts *facts)
{
	struct elf_image image;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return;
	facts->is_elf = true;
	facts->build_id_bytes = (uint32_t)image.build_id_bytes;
	memcpy(facts->build_id, image.build_id, image.build_id_bytes);
	elf_image_release(&image);
}

static int reopen(int fd, int flags)
{
	char name[sizeof("/proc/self/fd/") + 12];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return open(name, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* Returns the ID of a mount, 0 if it is unknown. Asks no file system (AT_STATX_DONT_SYNC). */
static uint64_t mount_of(int fd, const char *path)
{
	struct statx status = {.stx_mask = 0};

	if (statx(fd, path, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) != 0 ||
	    !(status.stx_mask & STATX_MNT_ID))
		return 0;
	return status.stx_mnt_id;
}

static bool is_on_root_mount(int fd)
{
	const uint64_t mount = mount_of(fd, "");

	return mount && mount == mount_of(AT_FDCWD, "/");
}

/* Replaces a readable descriptor by one of O_PATH. */
static int path_of(int fd, struct file_answer *answer)
{
	int path_fd = reopen(fd, O_PATH);

	(void)close(fd);
	answer->status = path_fd < 0 ? SYMBOLS_IO : SYMBOLS_OK;
	return path_fd;
}

static int open_mapped(const struct file_request *request, struct file_answer *answer)
{
	struct mapping mapping = {
		.start = request->start,
		.end = request->end,
		.kind = (enum mapping_kind)request->mapping,
		.file = mapped_file_new(&request->identity, request->path, request->seen_ns),
	};
	int fd = -1, root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat status;

	answer->status = SYMBOLS_NO_MEMORY;
	if (mapping.file)
		answer->status = (uint8_t)mapped_open(request->pid, &mapping, root, &fd);
	mapped_file_release(mapping.file);
	if (root >= 0)
		(void)close(root);
	if (answer->status != SYMBOLS_OK)
		return -1;
	if (fstat(fd, &status) == 0)
		note_status(&status, &answer->facts);
	note_build_id(fd, &answer->facts);
	/* Generated code: an open file would keep the memory of an ended process. */
	if (mapping.kind == MAPPING_MEMFD && !answer->facts.is_elf) {
		(void)close(fd);
		answer->status = SYMBOLS_REFUSED;
		return -1;
	}
	answer->facts.is_readable = is_on_root_mount(fd);
	return answer->facts.is_readable ? fd : path_of(fd, answer);
}

static int open_perf_map(const struct file_request *request, struct file_answer *answer)
{
	int fd;

	answer->status = (uint8_t)perf_map_open(request->pid, &fd);
	return answer->status == SYMBOLS_OK ? path_of(fd, answer) : -1;
}

static enum symbols_status read_bytes(int fd, const struct file_request *request, uint8_t *bytes)
{
	if (request->size_bytes > FILE_READER_CHUNK_BYTES || request->offset > INT64_MAX / 2)
		return SYMBOLS_LIMIT;
	return elf_image_read_file(fd, request->offset, bytes, request->size_bytes);
}

static enum symbols_status copy_bytes(int from, int to, size_t limit_bytes)
{
	static uint8_t piece[FILE_READER_CHUNK_BYTES];
	size_t done = 0;
	ssize_t got;

	while ((got = pread(from, piece, sizeof(piece), (off_t)done)) > 0) {
		if ((size_t)got > limit_bytes - done)
			return SYMBOLS_LIMIT;
		if (write(to, piece, (size_t)got) != got)
			return SYMBOLS_IO;
		done += (size_t)got;
	}
	return got < 0 ? SYMBOLS_IO : SYMBOLS_OK;
}

static int copy_file(int fd, size_t limit_bytes, struct file_answer *answer)
{
	int copy = memfd_create("diag-copy", MFD_CLOEXEC);

	if (copy < 0) {
		answer->status = SYMBOLS_NO_MEMORY;
		return -1;
	}
	answer->status = (uint8_t)copy_bytes(fd, copy, limit_bytes);
	if (answer->status == SYMBOLS_OK)
		return copy;
	(void)close(copy);
	return -1;
}

/* Reads an open file. */
static int use_file(const struct file_request *request, int fd, struct file_answer *answer,
		    uint8_t *bytes)
{
	struct stat status;

	answer->status = SYMBOLS_IO;
	if (fstat(fd, &status) != 0)
		return -1;
	note_status(&status, &answer->facts);
	answer->status = S_ISREG(status.st_mode) ? SYMBOLS_OK : SYMBOLS_REFUSED;
	if (answer->status != SYMBOLS_OK || request->kind == FILE_REQUEST_MEASURE)
		return -1;
	if (request->kind == FILE_REQUEST_COPY)
		return copy_file(fd, request->size_bytes, answer);
	answer->status = (uint8_t)read_bytes(fd, request, bytes);
	if (answer->status == SYMBOLS_OK)
		answer->size_bytes = request->size_bytes;
	return -1;
}

/* The text needs the lock of the process's memory. */
static int open_text(const struct file_request *request, const char *name,
		     struct file_answer *answer)
{
	int directory = proc_stat_open_directory((uint32_t)request->pid);
	int fd = -1;

	answer->status = SYMBOLS_NOT_FOUND;
	if (directory < 0)
		return -1;
	if (proc_stat_read(directory, &answer->stat))
		fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	(void)close(directory);
	if (fd >= 0)
		answer->status = SYMBOLS_OK;
	return fd;
}

static void read_on(const struct file_request *request, int fd, struct file_answer *answer,
		    uint8_t *bytes)
{
	const size_t size_bytes = request->size_bytes < FILE_READER_CHUNK_BYTES
					  ? request->size_bytes
					  : FILE_READER_CHUNK_BYTES;
	size_t done = 0;
	ssize_t got;

	/* The kernel returns a page at most. */
	while (done < size_bytes && (got = read(fd, bytes + done, size_bytes - done)) != 0) {
		if (got < 0) {
			answer->status = SYMBOLS_IO;
			return;
		}
		done += (size_t)got;
	}
	answer->status = SYMBOLS_OK;
	answer->size_bytes = (uint32_t)done;
}

/* Most texts fit into one answer. */
static int open_maps(const struct file_request *request, struct file_answer *answer, uint8_t *bytes)
{
	int fd = open_text(request, "maps", answer);

	if (fd < 0)
		return -1;
	read_on(request, fd, answer, bytes);
	if (answer->status == SYMBOLS_OK && answer->size_bytes >= request->size_bytes)
		return fd;
	(void)close(fd);
	return -1;
}

static void read_command_line(const struct file_request *request, struct file_answer *answer,
			      uint8_t *bytes)
{
	int fd = open_text(request, "cmdline", answer);

	if (fd < 0)
		return;
	read_on(request, fd, answer, bytes);
	(void)close(fd);
}

static bool is_valid(const struct file_request *request, size_t size_bytes, int fd)
{
	const size_t header = offsetof(struct file_request, path);

	if (size_bytes < header || size_bytes > header + sizeof(request->path) ||
	    request->kind >= FILE_REQUEST_COUNT)
		return false;
	if (request->kind == FILE_REQUEST_OPEN)
		return size_bytes > header && request->path[size_bytes - header - 1] == '\0' &&
		       request->identity.build_id_bytes <= ELF_IMAGE_BUILD_ID_MAX;
	return request->kind == FILE_REQUEST_PERF_MAP || request->kind == FILE_REQUEST_MAPS ||
	       request->kind == FILE_REQUEST_COMMAND_LINE || fd >= 0;
}

int file_reader_process_answer(const struct file_request *request, size_t size_bytes, int fd,
			       struct file_answer *ret_answer, uint8_t *bytes)
{
	int sent = -1, readable;

	memset(ret_answer, 0, sizeof(*ret_answer));
	ret_answer->status = SYMBOLS_CORRUPT;
	if (!is_valid(request, size_bytes, fd)) {
		sent = -1;
	} else if (request->kind == FILE_REQUEST_OPEN) {
		sent = open_mapped(request, ret_answer);
	} else if (request->kind == FILE_REQUEST_PERF_MAP) {
		sent = open_perf_map(request, ret_answer);
	} else if (request->kind == FILE_REQUEST_MAPS) {
		sent = open_maps(request, ret_answer, bytes);
	} else if (request->kind == FILE_REQUEST_COMMAND_LINE) {
		read_command_line(request, ret_answer, bytes);
	} else if (request->kind == FILE_REQUEST_TEXT) {
		read_on(request, fd, ret_answer, bytes);
	} else {
		readable = reopen(fd, O_RDONLY);
		ret_answer->status = SYMBOLS_IO;
		if (readable >= 0) {
			sent = use_file(request, readable, ret_answer, bytes);
			(void)close(readable);
		}
	}
	if (fd >= 0)
		(void)close(fd);
	return sent;
}

/* One answer and its bytes. */
struct reply {
	struct file_answer answer;
	uint8_t bytes[FILE_READER_CHUNK_BYTES];
};

_Static_assert(offsetof(struct reply, bytes) == sizeof(struct file_answer), "one message");

static void serve_files(int socket)
{
	static struct file_request request;
	static struct reply reply;

	for (;;) {
		int fd, sent;
		struct iovec piece = {.iov_base = &request, .iov_len = sizeof(request)};
		ssize_t size = helper_process_receive_pieces(socket, &piece, 1, &fd);
		bool done;

		if (size <= 0)
			return;
		sent = file_reader_process_answer(&request, (size_t)size, fd, &reply.answer,
						  reply.bytes);
		done = helper_process_send(socket, &reply,
					   sizeof(reply.answer) + reply.answer.size_bytes, &sent,
					   sent >= 0);
		if (sent >= 0)
			(void)close(sent);
		if (!done)
			return;
	}
}

static void run_reader(int socket)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, READER_NAME);
	if (privileges_keep_reading())
		serve_files(socket);
	_exit(0);
}

static pid_t start_reader(int starter_socket, int *ret_socket)
{
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		(void)close(starter_socket);
		(void)close(sockets[0]);
		run_reader(sockets[1]);
	}
	(void)close(sockets[1]);
	if (pid > 0) {
		*ret_socket = sockets[0];
		return pid;
	}
	(void)close(sockets[0]);
	return 0;
}

static bool is_alive(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

static bool serve_request(int socket, const struct reader_request *request)
{
	struct reader_answer answer = {.pid = 0};
	int reader = -1;
	bool sent;

	if (request->kind == READER_REQUEST_NEXT)
		answer.pid = start_reader(socket, &reader);
	else if (request->pid > 0 && is_alive(request->pid))
		answer.pid = request->pid;
	sent = helper_process_send(socket, &answer, sizeof(answer), &reader, reader >= 0);
	if (reader >= 0)
		(void)close(reader);
	return sent;
}

/* Waits for readers that end with their sockets, but not for one that hangs. */
static void reap_readers(void)
{
	const struct timespec pause = {.tv_nsec = REAP_CHECK_NS};

	for (int i = 0; i < REAP_CHECKS && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		(void)nanosleep(&pause, NULL);
}

/* Other descriptors of the recorder must not stay open in a reader that waits for ever. */
void file_reader_process_serve(void *context, int socket)
{
	struct reader_request request;

	(void)context;
	/* Dropping privileges has cleared it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)close_range(STDERR_FILENO + 1, (unsigned int)socket - 1, 0);
	(void)close_range((unsigned int)socket + 1, ~0U, 0);
	while (helper_process_receive(socket, &request, sizeof(request), NULL, 0)) {
		if (!serve_request(socket, &request))
			break;
	}
	reap_readers();
}
