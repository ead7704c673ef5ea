/* record/privilege/helper_process.c - a separate process that keeps one privilege */
#include "record/privilege/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/common/message.h"
#include "record/common/process_title.h"

/* Longest wait for the process to begin, for an answer, and for its end. */
#define START_SECONDS  5
#define ANSWER_SECONDS 1
#define END_CHECKS     200
#define END_CHECK_NS   5000000

/* Space for the descriptors, aligned as the kernel requires. */
union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(HELPER_PROCESS_DESCRIPTORS_MAX * sizeof(int))];
};

bool helper_process_send(int socket, const void *bytes, size_t size_bytes, const int *descriptors,
			 size_t descriptor_count)
{
	union ancillary ancillary = {.bytes = ""};
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): sendmsg() only reads the bytes */
	struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size_bytes};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (descriptor_count > 0) {
		message.msg_control = &ancillary;
		message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
		ancillary.header.cmsg_level = SOL_SOCKET;
		ancillary.header.cmsg_type = SCM_RIGHTS;
		ancillary.header.cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
		memcpy(CMSG_DATA(&ancillary.header), descriptors, descriptor_count * sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)size_bytes;
}

static void take_descriptors(struct msghdr *message, int *ret_descriptors, size_t count)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	for (size_t i = 0; i < count; i++)
		ret_descriptors[i] = -1;
	if (header && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(count * sizeof(int)))
		memcpy(ret_descriptors, CMSG_DATA(header), count * sizeof(int));
}

static ssize_t receive_descriptors(int socket, struct iovec *piece, int *ret_descriptors,
				   size_t count)
{
	union ancillary ancillary;
	struct msghdr message = {
		.msg_iov = piece,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	ssize_t size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);

	if (size == (ssize_t)piece->iov_len)
		take_descriptors(&message, ret_descriptors, count);
	return size;
}

/* Without a control buffer, the kernel drops descriptors that a peer sends. */
bool helper_process_receive(int socket, void *ret_bytes, size_t size_bytes, int *ret_descriptors,
			    size_t descriptor_count)
{
	struct iovec piece = {.iov_base = ret_bytes, .iov_len = size_bytes};
	ssize_t size;

	do
		size = descriptor_count > 0 ? receive_descriptors(socket, &piece, ret_descriptors,
								  descriptor_count)
					    : recv(socket, ret_bytes, size_bytes, 0);
	while (size < 0 && errno == EINTR);
	return size == (ssize_t)size_bytes;
}

ssize_t helper_process_receive_pieces(int socket, struct iovec *pieces, size_t count,
				      int *ret_descriptor)
{
	union ancillary ancillary;
	struct msghdr message = {
		.msg_iov = pieces,
		.msg_iovlen = count,
		.msg_control = &ancillary,
		.msg_controllen = CMSG_SPACE(sizeof(int)),
	};
	ssize_t size;

	do
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	*ret_descriptor = -1;
	if (size > 0)
		take_descriptors(&message, ret_descriptor, 1);
	return size;
}

/* A reader of the recorder's standard error must see its end when the recorder ends. */
static void redirect_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < 3; i++)
		(void)dup2(fd, i);
	if (fd > 2)
		(void)close(fd);
}

/* Blocks all signals: those of the terminal are meant for the recorder. */
static int work(const struct helper_process_role *role, int socket)
{
	unsigned char ready;
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)prctl(PR_SET_NAME, role->name);
	process_title_set(role->name);
	redirect_standard_files();
	/* Ends it with the recorder, even if it is stopped. The filter forbids this call. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	ready = role->keep_privileges();
	if (!helper_process_send(socket, &ready, sizeof(ready), NULL, 0) || !ready)
		return EXIT_FAILURE;
	role->serve(role->context, socket);
	return EXIT_SUCCESS;
}

static void limit_waits(int socket, time_t seconds)
{
	const struct timeval wait = {.tv_sec = seconds};

	(void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

/* Its socket is closed shortly before its end can be seen. */
static void explain_start(const struct helper_process_role *role, struct helper_process *process,
			  struct problem *ret_problem)
{
	const struct timespec pause = {.tv_nsec = END_CHECK_NS};
	int status = 0;
	pid_t ended = 0;

	for (int i = 0; ended == 0 && i < END_CHECKS; i++) {
		ended = waitpid(process->pid, &status, WNOHANG | WUNTRACED);
		if (ended == 0)
			(void)nanosleep(&pause, NULL);
	}
	if (ended > 0 && WIFSIGNALED(status))
		problem_set(ret_problem, "helper process for %s: killed by signal %d",
			    role->purpose, WTERMSIG(status));
	else if (ended > 0 && WIFEXITED(status))
		problem_set(ret_problem,
			    "helper process for %s: cannot drop privileges: possibly out of "
			    "memory, or a kernel without CONFIG_SECCOMP_FILTER",
			    role->purpose);
	else
		problem_set(ret_problem, "helper process for %s: %s", role->purpose,
			    ended > 0 ? "stopped" : "does not answer");
}

bool helper_process_start(const struct helper_process_role *role,
			  struct helper_process *ret_process, struct problem *ret_problem)
{
	struct helper_process process;
	unsigned char ready = 0;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return problem_set(ret_problem, "helper process for %s: cannot create socket: %s",
				   role->purpose, strerror(errno));
	process = (struct helper_process){.pid = fork(), .socket = sockets[0]};
	if (process.pid == 0) {
		(void)close(sockets[0]);
		_exit(work(role, sockets[1]));
	}
	(void)close(sockets[1]);
	limit_waits(process.socket, START_SECONDS);
	if (process.pid < 0) {
		problem_set(ret_problem, "helper process for %s: cannot start: %s", role->purpose,
			    strerror(errno));
	} else if (!helper_process_receive(process.socket, &ready, sizeof(ready), NULL, 0) ||
		   !ready) {
		explain_start(role, &process, ret_problem);
	} else {
		limit_waits(process.socket, ANSWER_SECONDS);
		*ret_process = process;
		return true;
	}
	helper_process_end(&process);
	return false;
}

void helper_process_give_up(struct helper_process *process)
{
	if (process->socket >= 0)
		(void)close(process->socket);
	process->socket = -1;
}

bool helper_process_watch(const struct helper_process *process, const char *work,
			  const char *consequence)
{
	int status;

	if (process->pid <= 0 || waitpid(process->pid, &status, WNOHANG | WUNTRACED) <= 0)
		return false;
	message("the helper process for %s %s: %s", work,
		WIFSTOPPED(status) ? "is stopped" : "has ended", consequence);
	return true;
}

void helper_process_end(struct helper_process *process)
{
	const struct timespec pause = {.tv_nsec = END_CHECK_NS};

	helper_process_give_up(process);
	for (int i = 0; process->pid > 0 && i < END_CHECKS; i++) {
		if (waitpid(process->pid, NULL, WNOHANG) != 0)
			return;
		(void)nanosleep(&pause, NULL);
	}
}
