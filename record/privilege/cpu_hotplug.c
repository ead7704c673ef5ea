/* record/privilege/cpu_hotplug.c - perf events on CPUs that come online during a recording
 *
 * The kernel reports a CPU that comes online to udev, and to each socket of the same kind. A look
 * at all CPUs interrupts each of them, so it is made seldom. Without that socket it is made often.
 */
#include "record/privilege/cpu_hotplug.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"

/* How often all CPUs are looked at, with and without messages of the kernel. */
#define LOOK_NS UINT64_C(9000000000)
#define POLL_NS UINT64_C(500000000)

/* A message starts with ACTION@DEVPATH; the filter compares the first words of 4 bytes. */
#define ONLINE_PREFIX "online@/devices/system/cpu/cpu"
#define ONLINE_WORDS  7u
#define MESSAGE_BYTES 256u

/* The event to open. A negative CPU ends the helper process. */
struct request {
	struct perf_event_attr attributes;
	int cpu;
};

/* Comes with a descriptor if the error is 0. */
struct answer {
	int error;
};

/* A dummy event, which runs only while its CPU is online. */
struct witness {
	int fd;           /* -1: the CPU is offline */
	uint64_t seen_ns; /* time that the event had been enabled at the last poll */
	uint32_t arrivals;
};

struct cpu_hotplug {
	struct helper_process process;
	struct witness *witnesses; /* by CPU */
	int cpu_count;
	int messages;  /* a socket; -1: none */
	bool has_news; /* of a CPU, or too many for the socket: look now */
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

/* Only software events: a compromised recorder must not get at hardware events. */
static bool handle(int socket, const struct request *request)
{
	struct answer answer = {.error = EINVAL};
	int fd = -1;
	bool sent;

	if (request->cpu < 0)
		return false;
	if (request->attributes.type == PERF_TYPE_SOFTWARE) {
		fd = open_event(&request->attributes, request->cpu);
		answer.error = fd < 0 ? errno : 0;
	}
	sent = helper_process_send(socket, &answer, sizeof(answer), &fd, fd >= 0);
	if (fd >= 0)
		(void)close(fd);
	return sent;
}

static void serve(void *context, int socket)
{
	struct request request;

	(void)context;
	while (helper_process_receive(socket, &request, sizeof(request), NULL, 0) &&
	       handle(socket, &request))
		;
}

int cpu_hotplug_open(struct cpu_hotplug *hotplug, const struct perf_event_attr *attributes, int cpu)
{
	const struct request request = {.attributes = *attributes, .cpu = cpu};
	const int socket = hotplug->process.socket;
	struct answer answer = {.error = 0};
	int fd = -1;

	if (!helper_process_send(socket, &request, sizeof(request), NULL, 0) ||
	    !helper_process_receive(socket, &answer, sizeof(answer), &fd, 1)) {
		helper_process_give_up(&hotplug->process);
		answer.error = EPIPE;
	}
	if (fd < 0)
		errno = answer.error ? answer.error : EPIPE;
	return fd;
}

/* Passes messages whose first 28 bytes are those of ONLINE_PREFIX. All others would wake the
 * recorder for nothing. */
static bool filter_messages(int fd)
{
	struct sock_filter steps[2 * ONLINE_WORDS + 2];
	const struct sock_fprog program = {.len = sizeof(steps) / sizeof(steps[0]),
					   .filter = steps};
	const uint8_t *prefix = (const uint8_t *)ONLINE_PREFIX;

	for (unsigned int i = 0; i < ONLINE_WORDS; i++) {
		const uint32_t word = (uint32_t)prefix[4 * i] << 24 |
				      (uint32_t)prefix[4 * i + 1] << 16 |
				      (uint32_t)prefix[4 * i + 2] << 8 | prefix[4 * i + 3];
		const uint8_t to_refuse = (uint8_t)(2 * (ONLINE_WORDS - 1 - i) + 1);

		steps[2 * i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * i);
		steps[2 * i + 1] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word, 0, to_refuse);
	}
	steps[2 * ONLINE_WORDS] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	steps[2 * ONLINE_WORDS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

/* Returns -1 if there is none: a container, or the settings of a service, can forbid it. */
static int open_messages(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && (!filter_messages(fd) ||
			bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int cpu_hotplug_descriptor(const struct cpu_hotplug *hotplug)
{
	return hotplug->messages;
}

bool cpu_hotplug_start(struct cpu_hotplug **ret_hotplug, struct problem *ret_problem)
{
	const struct helper_process_role role = {
		.name = "diag-cpus",
		.purpose = "CPU events",
		.keep_privileges = privileges_keep_events,
		.serve = serve,
	};
	struct cpu_hotplug *hotplug = calloc(1, sizeof(*hotplug));
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!hotplug)
		return problem_set(ret_problem, "out of memory");
	hotplug->cpu_count = cpus > 0 ? (int)cpus : 1;
	hotplug->witnesses = calloc((size_t)hotplug->cpu_count, sizeof(hotplug->witnesses[0]));
	if (!hotplug->witnesses)
		problem_set(ret_problem, "out of memory");
	if (!hotplug->witnesses || !helper_process_start(&role, &hotplug->process, ret_problem)) {
		free(hotplug->witnesses);
		free(hotplug);
		return false;
	}
	hotplug->messages = open_messages();
	/* If the kernel refuses these events, it also refuses the ones that depend on them. */
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++)
		hotplug->witnesses[cpu].fd = open_event(&witness_attributes, cpu);
	*ret_hotplug = hotplug;
	return true;
}

static void forget(struct witness *witness)
{
	if (witness->fd >= 0)
		(void)close(witness->fd);
	*witness = (struct witness){.fd = -1, .arrivals = witness->arrivals};
}

/* The time of an event stops when its CPU goes offline, and does not continue when it comes back.
 */
static bool is_online(struct witness *witness)
{
	uint64_t values[2];
	bool is_running;

	if (witness->fd < 0)
		return false;
	is_running = read(witness->fd, values, sizeof(values)) == (ssize_t)sizeof(values) &&
		     values[1] != witness->seen_ns;
	if (is_running) {
		witness->seen_ns = values[1];
		return true;
	}
	forget(witness);
	return false;
}

/* Returns the CPU of a message; -1: none of this machine. */
static int cpu_of(const struct cpu_hotplug *hotplug, const char *message)
{
	const size_t length = strlen(ONLINE_PREFIX);
	unsigned long cpu;
	char *end;

	if (strncmp(message, ONLINE_PREFIX, length) != 0)
		return -1;
	cpu = strtoul(message + length, &end, 10);
	return end > message + length && *end == '\0' && cpu < (unsigned long)hotplug->cpu_count
		       ? (int)cpu
		       : -1;
}

void cpu_hotplug_take_messages(struct cpu_hotplug *hotplug)
{
	char message[MESSAGE_BYTES];
	struct iovec piece = {.iov_base = message, .iov_len = sizeof(message) - 1};
	ssize_t size;

	do {
		struct sockaddr_nl sender;
		struct msghdr header = {
			.msg_name = &sender,
			.msg_namelen = sizeof(sender),
			.msg_iov = &piece,
			.msg_iovlen = 1,
		};
		int cpu;

		size = recvmsg(hotplug->messages, &header, MSG_DONTWAIT);
		if (size < 0 && errno == ENOBUFS)
			hotplug->has_news = true;
		/* The kernel is process 0. */
		if (size <= 0 || header.msg_namelen != sizeof(sender) || sender.nl_pid != 0)
			continue;
		message[size] = '\0';
		cpu = cpu_of(hotplug, message);
		if (cpu < 0)
			continue;
		/* What was open is dead, also if the CPU was away for a moment only. */
		forget(&hotplug->witnesses[cpu]);
		hotplug->has_news = true;
	} while (size >= 0 || errno == EINTR || errno == ENOBUFS);
}

bool cpu_hotplug_poll(struct cpu_hotplug *hotplug, uint64_t now_ns)
{
	bool arrived = false;
	long online, seen = 0;

	if (!hotplug->has_news &&
	    now_ns - hotplug->polled_ns < (hotplug->messages >= 0 ? LOOK_NS : POLL_NS))
		return false;
	hotplug->has_news = false;
	hotplug->polled_ns = now_ns;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++)
		seen += is_online(&hotplug->witnesses[cpu]);
	for (int cpu = 0; cpu < hotplug->cpu_count && seen < online; cpu++) {
		struct witness *witness = &hotplug->witnesses[cpu];

		if (witness->fd >= 0)
			continue;
		witness->fd = cpu_hotplug_open(hotplug, &witness_attributes, cpu);
		witness->arrivals += witness->fd >= 0;
		seen += witness->fd >= 0;
		arrived = arrived || witness->fd >= 0;
	}
	return arrived;
}

uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *hotplug, int cpu)
{
	return cpu >= 0 && cpu < hotplug->cpu_count ? hotplug->witnesses[cpu].arrivals : 0;
}

void cpu_hotplug_watch(struct cpu_hotplug *hotplug)
{
	if (hotplug)
		(void)helper_process_watch(&hotplug->process, "CPUs",
					   "stacks on CPUs that come online can be missing");
}

void cpu_hotplug_end(struct cpu_hotplug *hotplug)
{
	const struct request end = {.cpu = -1};

	if (!hotplug)
		return;
	(void)helper_process_send(hotplug->process.socket, &end, sizeof(end), NULL, 0);
	helper_process_end(&hotplug->process);
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++)
		forget(&hotplug->witnesses[cpu]);
	if (hotplug->messages >= 0)
		(void)close(hotplug->messages);
	free(hotplug->witnesses);
	free(hotplug);
}
