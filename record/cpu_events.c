/* record/cpu_events.c - events of CPUs that come while a recording goes on */
#include "record/cpu_events.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/privileges.h"

#define POLL_NS 500000000u

/* A request: what to open and where. Without a CPU it is the end. */
struct request {
	struct perf_event_attr attributes;
	int cpu;
};

/* The answer to one, with a descriptor if the error is 0; the first says that it has begun. */
struct answer {
	int error;
};

/* Room for the descriptor, aligned as the kernel wants it. */
union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* An event that counts nothing but the time that it is there. */
struct witness {
	int fd;           /* -1: the CPU is not there */
	uint64_t seen_ns; /* how long the event had been there at the last look */
	uint32_t arrivals;
};

struct cpu_events {
	pid_t pid;
	int socket;
	struct witness *witnesses; /* by CPU */
	int cpu_count;
	uint64_t polled_ns;
};

static const struct perf_event_attr witness_attributes = {
	.size = sizeof(witness_attributes),
	.type = PERF_TYPE_SOFTWARE,
	.config = PERF_COUNT_SW_DUMMY,
	.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
};

static int open_event(const struct perf_event_attr *attributes, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static bool send_answer(int socket, int error, int fd)
{
	struct answer answer = {.error = error};
	union ancillary ancillary = {.bytes = ""};
	struct iovec piece = {.iov_base = &answer, .iov_len = sizeof(answer)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = &ancillary;
		message.msg_controllen = sizeof(ancillary);
		ancillary.header.cmsg_level = SOL_SOCKET;
		ancillary.header.cmsg_type = SCM_RIGHTS;
		ancillary.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&ancillary.header), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

/* Whoever has taken over the recorder gets no events of the hardware by this. */
static bool carry_out(int socket, const struct request *request)
{
	int fd = -1, error = EINVAL;
	bool sent;

	if (request->cpu < 0)
		return false;
	if (request->attributes.type == PERF_TYPE_SOFTWARE) {
		fd = open_event(&request->attributes, request->cpu);
		error = fd < 0 ? errno : 0;
	}
	sent = send_answer(socket, error, fd);
	if (fd >= 0)
		(void)close(fd);
	return sent;
}

/* Until the recorder ends, however it does; its signals are not for this process. Whoever waits for
 * the end of its output must not wait for this process. */
static int work(int socket)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct request request;
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)prctl(PR_SET_NAME, "diag-cpus");
	for (int i = 0; null >= 0 && i < 3; i++)
		(void)dup2(null, i);
	if (!privileges_keep_events())
		return EXIT_FAILURE;
	if (!send_answer(socket, 0, -1))
		return EXIT_FAILURE;
	while (recv(socket, &request, sizeof(request), 0) == (ssize_t)sizeof(request) &&
	       carry_out(socket, &request))
		;
	return EXIT_SUCCESS;
}

/* The error of an answer, and its descriptor or -1. */
static int receive_answer(int socket, int *ret_fd)
{
	struct answer answer;
	union ancillary ancillary;
	struct iovec piece = {.iov_base = &answer, .iov_len = sizeof(answer)};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	const struct cmsghdr *header;
	ssize_t size;

	do
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	*ret_fd = -1;
	if (size != (ssize_t)sizeof(answer))
		return EPIPE;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(*ret_fd)))
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return answer.error;
}

static bool send_request(int socket, struct request *request)
{
	struct iovec piece = {.iov_base = request, .iov_len = sizeof(*request)};
	const struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(*request);
}

int cpu_events_open(struct cpu_events *events, const struct perf_event_attr *attributes, int cpu)
{
	struct request request = {.attributes = *attributes, .cpu = cpu};
	int fd = -1, error = EPIPE;

	if (send_request(events->socket, &request))
		error = receive_answer(events->socket, &fd);
	if (fd < 0)
		errno = error ? error : EPIPE;
	return fd;
}

static bool start_process(struct cpu_events *events, struct problem *ret_problem)
{
	int sockets[2], fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return problem_set(ret_problem, "cannot make a socket: %s", strerror(errno));
	events->pid = fork();
	if (events->pid == 0) {
		(void)close(sockets[0]);
		_exit(work(sockets[1]));
	}
	(void)close(sockets[1]);
	events->socket = sockets[0];
	if (events->pid < 0)
		return problem_set(ret_problem, "cannot start a process for events of CPUs: %s",
				   strerror(errno));
	return receive_answer(events->socket, &fd) == 0 ||
	       problem_set(ret_problem, "cannot give up the rights of the process for events of "
					"CPUs: there is not enough memory, or the kernel has no "
					"CONFIG_SECCOMP_FILTER");
}

bool cpu_events_start(struct cpu_events **ret_events, struct problem *ret_problem)
{
	struct cpu_events *events = calloc(1, sizeof(*events));
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!events)
		return problem_set(ret_problem, "out of memory");
	events->socket = -1;
	events->cpu_count = cpus > 0 ? (int)cpus : 1;
	events->witnesses = calloc((size_t)events->cpu_count, sizeof(events->witnesses[0]));
	if (!events->witnesses)
		problem_set(ret_problem, "out of memory");
	if (!events->witnesses || !start_process(events, ret_problem)) {
		cpu_events_end(events);
		return false;
	}
	/* Where these are refused, so is what they are to watch over. */
	for (int cpu = 0; cpu < events->cpu_count; cpu++)
		events->witnesses[cpu].fd = open_event(&witness_attributes, cpu);
	*ret_events = events;
	return true;
}

/* The time of an event stands still when its CPU has gone, also when that is back. */
static bool is_there(struct witness *witness)
{
	uint64_t values[2];
	bool is_there;

	if (witness->fd < 0)
		return false;
	is_there = read(witness->fd, values, sizeof(values)) == (ssize_t)sizeof(values) &&
		   values[1] != witness->seen_ns;
	if (is_there) {
		witness->seen_ns = values[1];
		return true;
	}
	(void)close(witness->fd);
	*witness = (struct witness){.fd = -1, .arrivals = witness->arrivals};
	return false;
}

bool cpu_events_poll(struct cpu_events *events, uint64_t now_ns)
{
	bool arrived = false;
	long online, there = 0;

	if (now_ns - events->polled_ns < POLL_NS)
		return false;
	events->polled_ns = now_ns;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	for (int cpu = 0; cpu < events->cpu_count; cpu++)
		there += is_there(&events->witnesses[cpu]);
	for (int cpu = 0; cpu < events->cpu_count && there < online; cpu++) {
		struct witness *witness = &events->witnesses[cpu];

		if (witness->fd >= 0)
			continue;
		witness->fd = cpu_events_open(events, &witness_attributes, cpu);
		witness->arrivals += witness->fd >= 0;
		there += witness->fd >= 0;
		arrived = arrived || witness->fd >= 0;
	}
	return arrived;
}

uint32_t cpu_events_arrivals(const struct cpu_events *events, int cpu)
{
	return cpu >= 0 && cpu < events->cpu_count ? events->witnesses[cpu].arrivals : 0;
}

/* The end is said: a command that has not begun holds the socket open, too. */
void cpu_events_end(struct cpu_events *events)
{
	struct request end = {.cpu = -1};

	if (!events)
		return;
	if (events->socket >= 0) {
		(void)send_request(events->socket, &end);
		(void)close(events->socket);
	}
	while (events->pid > 0 && waitpid(events->pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (int cpu = 0; events->witnesses && cpu < events->cpu_count; cpu++) {
		if (events->witnesses[cpu].fd > 0)
			(void)close(events->witnesses[cpu].fd);
	}
	free(events->witnesses);
	free(events);
}
