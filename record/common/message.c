/* record/common/message.c - messages of diag-record on standard error */
#include "record/common/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/problem.h"
#include "text/escape.h"

#define MESSAGE_BYTES_MAX (PROBLEM_TEXT_MAX + 256u)
/* Escaping makes at most four bytes of one, as in \xNN. */
#define MESSAGE_LINE_MAX (sizeof("diag-record: \n") + 4u * MESSAGE_BYTES_MAX)

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
	/* One write keeps the line whole among the output of other programs. */
	(void)fwrite(line, 1, used, stderr);
	fflush(stderr);
}
