/* analyze/trace/input_problem.c - a problem with an input file, and its message */
#include "analyze/trace/input_problem.h"

#include <inttypes.h>
#include <string.h>

#include "text/escape.h"

void input_problem_print(FILE *stream, const char *program, const struct input_problem *problem)
{
	fprintf(stream, "%s: ", program);
	escape_write(stream, ESCAPE_TERMINAL, problem->path, strlen(problem->path));
	if (problem->size_bytes > 0)
		fprintf(stream, ": offset %" PRIu64 ": %" PRIu64 " bytes not read", problem->offset,
			problem->size_bytes);
	fprintf(stream, ": %s", problem->what);
	if (problem->error_number != 0)
		fprintf(stream, ": %s", strerror(problem->error_number));
	if (problem->advice)
		fprintf(stream, ": %s", problem->advice);
	fputc('\n', stream);
}
