/* analyze/follow/journal_sender.c - a helper process that sends records to the journal of systemd
 */
#define _GNU_SOURCE
#include "analyze/follow/journal_sender.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"

#ifdef DIAG_JOURNAL
#include <systemd/sd-journal.h>
#endif

#define WAIT_MS    500
#define FIELDS_MAX 32

#ifdef DIAG_JOURNAL

/* sd_journal_sendv() does not report it if there is no journal. */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static bool send_to_journal(char *record, size_t bytes)
{
	struct iovec fields[FIELDS_MAX];
	int count = 0;

	for (size_t at = 0; at < bytes && count < FIELDS_MAX; count++) {
		const size_t length = strnlen(record + at, bytes - at);

		fields[count] = (struct iovec){record + at, length};
		at += length + 1;
	}
	return access(JOURNAL_SOCKET, F_OK) == 0 && sd_journal_sendv(fields, count) == 0;
}

/* Answers each record with one byte: whether the journal took it. Returns when the reader is gone.
 */
static void serve(int socket)
{
	static char record[JOURNAL_SENDER_BYTES_MAX];
	ssize_t size;

	while ((size = read(socket, record, sizeof(record))) > 0) {
		const char taken = (char)send_to_journal(record, (size_t)size);

		if (write(socket, &taken, 1) != 1)
			return;
	}
}

static void run_helper(int socket, int other_socket, pid_t parent)
{
	(void)close(other_socket);
	/* Keys of the terminal are for the recorder. */
	(void)signal(SIGINT, SIG_IGN);
	(void)prctl(PR_SET_NAME, "diag-journal");
	sandbox_enter_below(NULL, 0);
	/* It may be waiting for the journal then. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	serve(socket);
	_exit(0);
}

bool journal_sender_start(int other_socket, struct journal_sender *ret_sender)
{
	const pid_t parent = getpid();
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		run_helper(ends[1], other_socket, parent);
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

/* Takes the answer to the last record. Returns false if it has not come after timeout_ms. */
static bool take_answer(struct journal_sender *sender, int timeout_ms, char *ret_taken)
{
	struct pollfd helper = {.fd = sender->socket, .events = POLLIN};

	*ret_taken = 0;
	if (poll(&helper, 1, timeout_ms) <= 0)
		return false;
	sender->is_waiting = false;
	return read(sender->socket, ret_taken, 1) == 1;
}

bool journal_sender_send(struct journal_sender *sender, const char *record, size_t bytes)
{
	char taken;

	if (bytes > JOURNAL_SENDER_BYTES_MAX ||
	    (sender->is_waiting && !take_answer(sender, 0, &taken)) ||
	    write(sender->socket, record, bytes) != (ssize_t)bytes)
		return false;
	sender->is_waiting = true;
	return take_answer(sender, WAIT_MS, &taken) && taken;
}
