/* analyze/follow/journal_sender.c - a helper process that sends records to the journal of systemd
 */
#define _GNU_SOURCE
#include "analyze/follow/journal_sender.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"

#ifdef DIAG_JOURNAL
/* A place in this source is of no use to readers of the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#define WAIT_US    500000
#define SILENT_NS  UINT64_C(5000000000)
#define NS_PER_S   UINT64_C(1000000000)
#define FIELDS_MAX 32

#ifdef DIAG_JOURNAL

/* sd_journal_sendv() does not report it if there is no journal. */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Interrupts a system call that waits. */
static void take_alarm(int number)
{
	(void)number;
}

/* The signal comes again, as the first one may come just before the system call. */
static void set_alarm(long us)
{
	const struct itimerval timer = {{0, us / 5}, {0, us}};

	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static bool send_to_journal(char *record, size_t bytes)
{
	struct iovec fields[FIELDS_MAX];
	int count = 0;
	bool taken;

	for (size_t at = 0; at < bytes && count < FIELDS_MAX; count++) {
		const size_t length = strnlen(record + at, bytes - at);

		fields[count] = (struct iovec){record + at, length};
		at += length + 1;
	}
	set_alarm(WAIT_US);
	taken = access(JOURNAL_SOCKET, F_OK) == 0 && sd_journal_sendv(fields, count) == 0;
	set_alarm(0);
	return taken;
}

/* Answers each record with one byte: whether the journal took it. Returns for a record of one byte,
 * and when the reader is gone. */
static void serve(int socket)
{
	static char record[JOURNAL_SENDER_BYTES_MAX];
	ssize_t size;

	while ((size = read(socket, record, sizeof(record))) > 1) {
		const char taken = (char)send_to_journal(record, (size_t)size);

		if (write(socket, &taken, 1) != 1)
			return;
	}
}

static void run_helper(int socket, int other_socket)
{
	const struct sigaction action = {.sa_handler = take_alarm}; /* without SA_RESTART */

	(void)close(other_socket);
	(void)sigaction(SIGALRM, &action, NULL);
	/* Keys of the terminal are for the recorder. */
	(void)signal(SIGINT, SIG_IGN);
	(void)prctl(PR_SET_NAME, "diag-journal");
	sandbox_enter_below(NULL, 0);
	serve(socket);
	_exit(0);
}

bool journal_sender_start(int other_socket, struct journal_sender *ret_sender)
{
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		run_helper(ends[1], other_socket);
	}
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return false;
	}
	/* A helper that has ended is noticed by the error. */
	(void)signal(SIGPIPE, SIG_IGN);
	*ret_sender = (struct journal_sender){.socket = ends[0]};
	return true;
}

#else

bool journal_sender_start(int other_socket, struct journal_sender *ret_sender)
{
	(void)other_socket;
	(void)ret_sender;
	errno = ENOSYS;
	return false;
}

#endif

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

bool journal_sender_send(struct journal_sender *sender, const char *record, size_t bytes)
{
	char taken = 0;

	if (bytes > JOURNAL_SENDER_BYTES_MAX || now_ns() < sender->silent_until_ns)
		return false;
	if (write(sender->socket, record, bytes) == (ssize_t)bytes &&
	    read(sender->socket, &taken, 1) == 1 && taken)
		return true;
	sender->silent_until_ns = now_ns() + SILENT_NS;
	return false;
}

void journal_sender_end(struct journal_sender *sender)
{
	char byte = 0;

	/* There is no answer: the socket ends with the process. */
	if (write(sender->socket, &byte, 1) == 1 && read(sender->socket, &byte, 1) > 0)
		errno = 0;
	(void)close(sender->socket);
}
