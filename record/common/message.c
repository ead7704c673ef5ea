/* record/common/message.c - messages of diag-record on standard error */
#include "record/common/message.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/problem.h"
#include "text/escape.h"

#define MESSAGE_BYTES_MAX (PROBLEM_TEXT_MAX + 256u)
/* Escaping makes at most four bytes of one, as in \xNN. */
#define MESSAGE_LINE_MAX (sizeof("diag-record: \n") + 4u * MESSAGE_BYTES_MAX)

/* Messages since the last one that was written. */
static unsigned int dropped;

/* A write of at most PIPE_BUF bytes to a pipe that is ready does not wait. */
static bool can_write(void)
{
	struct pollfd output = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&output, 1, 0) == 1 && (output.revents & (POLLOUT | POLLERR)) != 0;
}

/* One write keeps the line whole among the output of other programs. */
static bool write_line(const char *line, size_t size)
{
	return can_write() && write(STDERR_FILENO, line, size) == (ssize_t)size;
}

static void tell_of_dropped(void)
{
	char line[96];
	int size = snprintf(line, sizeof(line),
			    "diag-record: %u messages were dropped: standard error was full\n",
			    dropped);

	if (write_line(line, (size_t)size))
		dropped = 0;
}

static void print(const char *line, size_t size)
{
	if (dropped)
		tell_of_dropped();
	if (dropped || !write_line(line, size))
		dropped++;
}

void message_hint(const char *line)
{
	print(line, strlen(line));
}

void message(const char *format, ...)
{
	char line[MESSAGE_LINE_MAX] = "diag-record: ";
	char text[MESSAGE_BYTES_MAX];
	size_t used = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): false positive of version 14 */
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	(void)escape_copy(line + used, sizeof(line) - used - 1, ESCAPE_TERMINAL, text,
			  strlen(text));
	used = strlen(line);
	line[used++] = '\n';
	if (used > PIPE_BUF) {
		used = PIPE_BUF;
		line[used - 1] = '\n';
	}
	print(line, used);
}
