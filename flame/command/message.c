/* flame/command/message.c - messages of diag-flame on standard error */
#include "flame/command/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/escape.h"

void message(const char *path, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs(MESSAGE_PROGRAM ": ", stderr);
	if (path) {
		escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
		fputs(": ", stderr);
	}
	/* va_start() is above, which the analyzer of clang 14 does not see.
	 * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void message_status(const char *path, enum flame_status status)
{
	message(path, "%s", status == FLAME_IO ? strerror(errno) : flame_status_text(status));
}

void message_problem(const struct problem *problem)
{
	fputs(MESSAGE_PROGRAM ": ", stderr);
	escape_write(stderr, ESCAPE_TERMINAL, problem->text, strlen(problem->text));
	fputc('\n', stderr);
}
