/* record/message.c - what diag-record says on stderr */
#include "record/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "record/problem.h"
#include "text/escape.h"

#define MESSAGE_BYTES_MAX (PROBLEM_TEXT_MAX + 256u)

void message(const char *format, ...)
{
	char text[MESSAGE_BYTES_MAX];
	va_list arguments;

	va_start(arguments, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): version 14 is mistaken */
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* One write for one line: it stays whole among the output of other programs. */
	flockfile(stderr);
	fputs("diag-record: ", stderr);
	(void)escape_write(stderr, ESCAPE_TERMINAL, text, strlen(text));
	fputc('\n', stderr);
	fflush(stderr);
	funlockfile(stderr);
}
