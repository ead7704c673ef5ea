/* record/output/file_maker.c - a process of its own that makes the further files of a recording */
#include "record/output/file_maker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/output/naming.h"
#include "record/privileges.h"

#define FILES_MAX        100000u
#define DESCRIPTOR_COUNT 2u /* of the file and of its directory */

enum order {
	ORDER_KNOW_FIRST,
	ORDER_NEXT,
	ORDER_DISCARD,
	ORDER_REMOVE_CONTROL,
	ORDER_END,
	ORDER_COUNT,
};

/* The answer to each order; with ORDER_NEXT two descriptors come with it if the file was made. */
struct answer {
	bool done;
	struct output output;
	struct problem problem;
};

/* Room for the descriptors, aligned as the kernel wants it. */
union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(DESCRIPTOR_COUNT * sizeof(int))];
};

struct file_maker {
	pid_t pid;
	int socket;
};

/* A file of this recording, so that nothing else is taken for it. */
struct kept_file {
	uint32_t number; /* of its name; 0: nothing to be removed */
	dev_t device;
	ino_t inode;
};

/* The process itself. */
struct work {
	const struct file_maker_names *names;
	int socket;
	struct output made; /* the last file; no directory_fd if there is none */
	uint32_t number;    /* of the last name that was given */
	bool knows_first;
	struct kept_file *kept; /* as many as are to be kept, the oldest at made_count; or NULL */
	uint64_t made_count;
};

static bool send_answer(int socket, struct answer *answer, const int *descriptors)
{
	union ancillary ancillary = {.bytes = ""};
	struct iovec piece = {.iov_base = answer, .iov_len = sizeof(*answer)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (descriptors) {
		message.msg_control = &ancillary;
		message.msg_controllen = sizeof(ancillary);
		ancillary.header.cmsg_level = SOL_SOCKET;
		ancillary.header.cmsg_type = SCM_RIGHTS;
		ancillary.header.cmsg_len = CMSG_LEN(DESCRIPTOR_COUNT * sizeof(int));
		memcpy(CMSG_DATA(&ancillary.header), descriptors, DESCRIPTOR_COUNT * sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(*answer);
}

static void forget_made(struct work *work)
{
	if (work->made.directory_fd < 0)
		return;
	(void)close(work->made.fd);
	(void)close(work->made.directory_fd);
	work->made.directory_fd = -1;
}

static bool make_next(struct work *work, struct problem *ret_problem)
{
	const uint32_t first = work->names->ascending ? work->number + 1 : 1;
	char path[PATH_MAX];

	forget_made(work);
	for (uint32_t number = first; number < first + FILES_MAX; number++) {
		if (!naming_piece(work->names->output, number, path, sizeof(path)))
			return problem_set(ret_problem, "the name of the next file is too long");
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (!output_open(path, false, &work->made, ret_problem)) {
			work->made.directory_fd = -1;
			return false;
		}
		work->number = number;
		return true;
	}
	return problem_set(ret_problem, "%s: all names for further files are taken",
			   work->names->output);
}

/* What has its name may have been put there by somebody else. */
static void remove_kept(const struct work *work, const struct kept_file *file, const char *path,
			struct problem *ret_problem)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int directory = work->made.directory_fd;
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode) || status.st_dev != file->device ||
	    status.st_ino != file->inode)
		return;
	if (unlinkat(directory, name, 0) != 0 && errno != ENOENT)
		problem_set(ret_problem, "%s: cannot remove it, as --rotate asks for: %s", path,
			    strerror(errno));
}

/* The newest takes the place of the oldest. Memory is there already: none can be had here. */
static void keep(struct work *work, const struct stat *status, struct problem *ret_problem)
{
	struct kept_file *place;
	char path[PATH_MAX];

	if (!work->kept)
		return;
	place = &work->kept[work->made_count++ % work->names->kept_count];
	if (place->number && naming_piece(work->names->output, place->number, path, sizeof(path)))
		remove_kept(work, place, path, ret_problem);
	*place = (struct kept_file){work->number, status->st_dev, status->st_ino};
}

static bool know_first(struct work *work, struct answer *answer)
{
	struct stat status;

	if (!work->knows_first && lstat(work->names->output, &status) == 0)
		keep(work, &status, &answer->problem);
	work->knows_first = answer->done = true;
	return send_answer(work->socket, answer, NULL);
}

static bool next(struct work *work, struct answer *answer)
{
	int descriptors[DESCRIPTOR_COUNT];
	struct stat status;

	answer->done = make_next(work, &answer->problem);
	if (!answer->done)
		return send_answer(work->socket, answer, NULL);
	if (fstat(work->made.fd, &status) == 0)
		keep(work, &status, &answer->problem);
	answer->output = work->made;
	descriptors[0] = work->made.fd;
	descriptors[1] = work->made.directory_fd;
	return send_answer(work->socket, answer, descriptors);
}

static bool discard(struct work *work, struct answer *answer)
{
	if (work->made.directory_fd >= 0)
		output_discard(&work->made);
	work->made.directory_fd = -1;
	answer->done = true;
	return send_answer(work->socket, answer, NULL);
}

static bool remove_control(struct work *work, struct answer *answer)
{
	struct stat status;

	answer->done = work->names->control && lstat(work->names->control, &status) == 0 &&
		       S_ISSOCK(status.st_mode) && unlink(work->names->control) == 0;
	return send_answer(work->socket, answer, NULL);
}

static bool end(struct work *work, struct answer *answer)
{
	(void)work;
	(void)answer;
	return false;
}

static bool carry_out(struct work *work, enum order order)
{
	static bool (*const table[ORDER_COUNT])(struct work * work, struct answer * answer) = {
		[ORDER_KNOW_FIRST] = know_first,
		[ORDER_NEXT] = next,
		[ORDER_DISCARD] = discard,
		[ORDER_REMOVE_CONTROL] = remove_control,
		[ORDER_END] = end,
	};
	struct answer answer;

	/* All of it goes out. */
	memset(&answer, 0, sizeof(answer));
	return order < ORDER_COUNT && table[order](work, &answer);
}

/* Whoever waits for the end of the recorder's output must not wait for this process. */
static void let_go_of_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < 3; i++)
		(void)dup2(fd, i);
	if (fd > 2)
		(void)close(fd);
}

/* Until the recorder ends, however it does; its signals are not for this process. */
static int work(const struct file_maker_names *names, int socket)
{
	struct work work = {
		.names = names, .socket = socket, .made = {.directory_fd = -1}, .number = 1};
	struct answer ready;
	unsigned char order;
	sigset_t all;
	bool sent;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)prctl(PR_SET_NAME, "diag-files");
	let_go_of_standard_files();
	memset(&ready, 0, sizeof(ready));
	if (names->kept_count)
		work.kept = calloc(names->kept_count, sizeof(*work.kept));
	ready.done = (work.kept || !names->kept_count) && privileges_keep_files();
	sent = send_answer(socket, &ready, NULL);
	while (sent && ready.done &&
	       recv(socket, &order, sizeof(order), 0) == (ssize_t)sizeof(order) &&
	       carry_out(&work, order))
		;
	free(work.kept);
	return sent ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Takes the descriptors out of a message, -1 for those that did not come. */
static void take_descriptors(struct msghdr *message, struct output *output)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int descriptors[DESCRIPTOR_COUNT];

	output->fd = output->directory_fd = -1;
	if (!header || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(descriptors)))
		return;
	memcpy(descriptors, CMSG_DATA(header), sizeof(descriptors));
	output->fd = descriptors[0];
	output->directory_fd = descriptors[1];
}

static bool receive_answer(const struct file_maker *maker, struct answer *answer)
{
	union ancillary ancillary;
	struct iovec piece = {.iov_base = answer, .iov_len = sizeof(*answer)};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	ssize_t size;

	do
		size = recvmsg(maker->socket, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size != (ssize_t)sizeof(*answer))
		return false;
	take_descriptors(&message, &answer->output);
	return true;
}

static bool give_order(const struct file_maker *maker, enum order order, struct answer *answer)
{
	unsigned char byte = (unsigned char)order;
	struct iovec piece = {.iov_base = &byte, .iov_len = sizeof(byte)};
	const struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	return sendmsg(maker->socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(byte) &&
	       receive_answer(maker, answer);
}

bool file_maker_start(const struct file_maker_names *names, struct file_maker **ret_maker,
		      struct problem *ret_problem)
{
	struct file_maker *maker = calloc(1, sizeof(*maker));
	struct answer ready;
	int sockets[2];

	if (!maker)
		return problem_set(ret_problem, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
		free(maker);
		return problem_set(ret_problem, "cannot make a socket: %s", strerror(errno));
	}
	maker->pid = fork();
	if (maker->pid == 0) {
		(void)close(sockets[0]);
		_exit(work(names, sockets[1]));
	}
	(void)close(sockets[1]);
	maker->socket = sockets[0];
	if (maker->pid < 0)
		problem_set(ret_problem, "cannot start a process for files: %s", strerror(errno));
	else if (!receive_answer(maker, &ready) || !ready.done)
		problem_set(ret_problem,
			    "cannot give up the rights of the process for files: there is "
			    "not enough memory, or the kernel has no CONFIG_SECCOMP_FILTER");
	else {
		*ret_maker = maker;
		return true;
	}
	file_maker_end(maker);
	return false;
}

void file_maker_know_first(struct file_maker *maker)
{
	struct answer answer;

	(void)give_order(maker, ORDER_KNOW_FIRST, &answer);
}

bool file_maker_next(struct file_maker *maker, struct output *ret_output,
		     struct problem *ret_problem)
{
	struct answer answer;

	if (!give_order(maker, ORDER_NEXT, &answer))
		return problem_set(ret_problem, "cannot make the next file: the process that makes "
						"files has ended");
	if (!answer.done || answer.output.fd < 0) {
		*ret_problem = answer.problem;
		return false;
	}
	*ret_output = answer.output;
	*ret_problem = answer.problem;
	return true;
}

void file_maker_discard(struct file_maker *maker)
{
	struct answer answer;

	(void)give_order(maker, ORDER_DISCARD, &answer);
}

void file_maker_remove_control(struct file_maker *maker)
{
	struct answer answer;

	(void)give_order(maker, ORDER_REMOVE_CONTROL, &answer);
}

/* The end is said: a command that has not begun holds the socket open, too. */
void file_maker_end(struct file_maker *maker)
{
	struct answer answer;

	if (!maker)
		return;
	(void)give_order(maker, ORDER_END, &answer);
	(void)close(maker->socket);
	while (maker->pid > 0 && waitpid(maker->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(maker);
}
