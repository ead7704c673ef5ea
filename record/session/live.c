/* record/session/live.c - diag-report, which prints events while they are recorded (--live) */
#include "record/session/live.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"
#include "record/privilege/workload.h"

#define LIVE_PROGRAM "diag-report"
#define LIVE_NAME    "memory" /* for messages */

/* The first byte of a message. */
#define MESSAGE_FILE           0
#define MESSAGE_FILE_AFTER_GAP 1 /* the file before was not sent */
#define MESSAGE_GROWN          2 /* without a file */

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct live {
	struct workload program;
	int socket;
	bool keeps_no_file;
	bool has_skipped; /* the last file was not sent */
	int sent[2];      /* duplicates of the last files, the newest last; -1: none */
};

/* The program is beside this one; elsewhere it is searched in PATH. */
static void find_program(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - sizeof(LIVE_PROGRAM));
	char *slash;

	path[length > 0 ? length : 0] = '\0';
	slash = strrchr(path, '/');
	(void)snprintf(slash ? slash + 1 : path, sizeof(LIVE_PROGRAM), "%s", LIVE_PROGRAM);
	if (!slash || access(path, X_OK) != 0)
		(void)snprintf(path, size, "%s", LIVE_PROGRAM);
}

/* What the program shows. */
struct live_view {
	const char *option; /* for messages */
	const char *follow;
	const char *form; /* --json; NULL: none */
	const char *path;
	bool keeps_no_file;
};

/* Keys of the terminal end the recording, and the program after it. */
static bool execute(struct live *live, const struct live_view *view, int socket,
		    struct problem *ret_problem)
{
	char path[PATH_MAX], file[PATH_MAX], number[32], follow[32], form[16];
	char end[] = "--";
	char *arguments[7] = {path,
			      follow,
			      number,
			      view->form ? form : end,
			      view->form ? end : file,
			      view->form ? file : NULL};
	void (*before)(int) = signal(SIGINT, SIG_IGN);
	bool started;

	find_program(path, sizeof(path));
	(void)snprintf(number, sizeof(number), "--follow-socket=%d", socket);
	(void)snprintf(file, sizeof(file), "%s", view->path);
	(void)snprintf(follow, sizeof(follow), "%s", view->follow);
	(void)snprintf(form, sizeof(form), "%s", view->form ? view->form : "");
	started = workload_start(arguments, &live->program, ret_problem);
	(void)signal(SIGINT, before);
	return started && workload_release(&live->program, path, ret_problem);
}

static bool start(const struct live_view *view, struct live **ret_live, struct problem *ret_problem)
{
	struct live *live = calloc(1, sizeof(*live));
	int ends[2];
	bool started;

	if (!live)
		return problem_set(ret_problem, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		free(live);
		return problem_set(ret_problem, "%s: cannot create a socket: %s", view->option,
				   strerror(errno));
	}
	*live = (struct live){
		.socket = ends[0],
		.keeps_no_file = view->keeps_no_file,
		.sent = {-1, -1},
	};
	/* A program that is slow must not delay the recorder. */
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(ends[1], F_SETFD, 0);
	started = execute(live, view, ends[1], ret_problem);
	(void)close(ends[1]);
	*ret_live = live;
	if (started)
		return true;
	live_finish(live);
	*ret_live = NULL;
	return false;
}

bool live_start(const struct options *options, const char *path, struct live **ret_live,
		struct problem *ret_problem)
{
	const struct live_view view = {
		.option = "--live",
		.follow = options->live == OPTIONS_LIVE_ALL ? "--follow=all" : "--follow",
		.form = options->live == OPTIONS_LIVE_JSON ? "--json" : NULL,
		.path = path,
		.keeps_no_file = !options_name_file(options),
	};

	return start(&view, ret_live, ret_problem);
}

bool live_start_journal(const struct options *options, const char *path, struct live **ret_live,
			struct problem *ret_problem)
{
	const struct live_view view = {
		.option = "--journal",
		.follow = options->always_on.journal == OPTIONS_JOURNAL_FAILED
				  ? "--follow=journal-failed"
				  : "--follow=journal",
		.path = path,
		.keeps_no_file = !options_name_file(options) || options->flight_ns,
	};

#ifndef DIAG_JOURNAL
	return problem_set(ret_problem, "--journal: diag-record was built without libsystemd");
#endif
	if (access(JOURNAL_SOCKET, F_OK) != 0)
		return problem_set(ret_problem, "--journal: %s: %s: start systemd-journald",
				   JOURNAL_SOCKET, strerror(errno));
	return start(&view, ret_live, ret_problem);
}

bool live_keeps_no_file(const struct live *live)
{
	return live && live->keeps_no_file;
}

bool live_create(struct output *ret_output, struct problem *ret_problem)
{
	int fd = memfd_create("diag-live", MFD_CLOEXEC);

	if (fd < 0)
		return problem_set(ret_problem, "--live: cannot create a file in memory: %s",
				   strerror(errno));
	*ret_output = (struct output){
		.file = {.options = {.stream = true},
			 .path = LIVE_NAME,
			 .directory_fd = -1,
			 .fd = fd},
	};
	return true;
}

/* A program that is slower than two files loses the older one, so that memory is bounded. */
static void forget_oldest(struct live *live, int fd)
{
	if (live->sent[0] >= 0) {
		/* If this fails, the program still has the memory. */
		if (ftruncate(live->sent[0], 0) != 0)
			errno = 0;
		(void)close(live->sent[0]);
	}
	live->sent[0] = live->sent[1];
	live->sent[1] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* The program must not be able to write. */
static int reopen_to_read(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Takes ownership of reader_fd. The byte says whether a file before this one was not sent, as the
 * program was too slow. One that has ended is noticed by its signal. */
static void send_file(struct live *live, int reader_fd)
{
	const char byte = live->has_skipped ? MESSAGE_FILE_AFTER_GAP : MESSAGE_FILE;

	live->has_skipped = !helper_process_send(live->socket, &byte, sizeof(byte), &reader_fd, 1);
	(void)close(reader_fd);
}

void live_send_copy(void *context, int fd)
{
	struct live *live = context;
	int reader_fd;

	forget_oldest(live, fd);
	reader_fd = reopen_to_read(fd);
	if (reader_fd >= 0)
		send_file(live, reader_fd);
}

void live_send(struct live *live, const struct output *output, int reader_fd)
{
	if (live && live->keeps_no_file)
		live_send_copy(live, output->file.fd);
	else if (live && reader_fd >= 0)
		send_file(live, reader_fd);
	else if (reader_fd >= 0)
		(void)close(reader_fd);
}

/* The kernel calls a socket writable while less than a quarter of it waits to be read. So there is
 * always room for files, and a program that has so much to read is woken by it. */
void live_wake(struct live *live)
{
	const char byte = MESSAGE_GROWN;
	struct pollfd ready = {.fd = live ? live->socket : -1, .events = POLLOUT};

	if (live && poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT)
		(void)helper_process_send(live->socket, &byte, sizeof(byte), NULL, 0);
}

bool live_has_ended(struct live *live)
{
	return live && workload_has_ended(&live->program);
}

void live_finish(struct live *live)
{
	if (!live)
		return;
	(void)close(live->socket);
	for (size_t i = 0; i < 2; i++) {
		if (live->sent[i] >= 0)
			(void)close(live->sent[i]);
	}
	workload_await(&live->program);
	free(live);
}
