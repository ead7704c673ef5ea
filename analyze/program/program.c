/* analyze/program/program.c - what the programs that read traces have in common */
#define _GNU_SOURCE
#include "analyze/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyze/program/sandbox.h"
#include "text/escape.h"

/* More than a person reads; the rest is summed up. */
#define PROBLEMS_SHOWN 20u

static void complain(const char *program, const char *path, const char *what)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
	fprintf(stderr, ": %s\n", what);
}

/* Help is printed by argp, which ends the program as if that could not fail. */
static void end_with_output(int status, void *program)
{
	(void)status;
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	complain(program, "standard output", errno != 0 ? strerror(errno) : "cannot be written");
	_exit(PROGRAM_FAILURE);
}

void program_begin(char *program, char **argv)
{
	(void)on_exit(end_with_output, program_invocation_short_name);
	argv[0] = program;
	argp_err_exit_status = PROGRAM_USAGE;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* Opened for reading, so that writing to what was closed still fails. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			_exit(PROGRAM_FAILURE);
	/* The time zone is in a file that cannot be opened later, and is read again and again
	 * unless it has a name. */
	setenv("TZ", ":/etc/localtime", false);
	tzset();
}

int program_open_input(const char *program, const char *path)
{
	/* Opening a pipe would wait for somebody to write into it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		complain(program, path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		complain(program, path,
			 S_ISDIR(status.st_mode) ? "is a directory: give a file in it"
						 : "not a regular file: copy it into one first");
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool program_parse(const char *program, const struct argp *parser, int argc, char **argv,
		   void *input)
{
	if (argp_parse(parser, argc, argv, 0, NULL, input) == 0)
		return true;
	fprintf(stderr, "%s: out of memory\n", program);
	return false;
}

bool program_close_output(const char *program)
{
	bool failed = ferror(stdout);
	int error = 0;

	/* The error of an earlier write is lost: one byte more has the same. */
	if (failed && write(STDOUT_FILENO, "\n", 1) < 0)
		error = errno;
	if (!failed && (fflush(stdout) != 0 || close(STDOUT_FILENO) != 0)) {
		failed = true;
		error = errno;
	}
	if (!failed)
		return true;
	complain(program, "standard output", error ? strerror(error) : "cannot be written");
	__fpurge(stdout);
	clearerr(stdout);
	return false;
}

int program_end(const char *program, enum program_status status)
{
	return (int)(program_close_output(program) ? status : PROGRAM_FAILURE);
}

enum program_status program_print_problems(const char *program, const void *context,
					   const struct input_problem *(*next)(const void *context,
									       size_t number))
{
	enum program_status status = PROGRAM_OK;
	const struct input_problem *problem;
	uint64_t bytes = 0;
	size_t number;

	for (number = 0; (problem = next(context, number)); number++) {
		if (number < PROBLEMS_SHOWN)
			input_problem_print(stderr, program, problem);
		else
			bytes += problem->size_bytes;
		if (status != PROGRAM_FAILURE)
			status = problem->failure ? PROGRAM_FAILURE : PROGRAM_INCOMPLETE;
	}
	if (number > PROBLEMS_SHOWN)
		fprintf(stderr, "%s: and %zu problems more, %" PRIu64 " bytes not read\n", program,
			number - PROBLEMS_SHOWN, bytes);
	return status;
}

void program_lock_in(void)
{
	sandbox_enter();
}

void program_print_version(const char *program, bool verbose)
{
	struct sandbox sandbox;

	printf("%s %s\n", program, DIAG_VERSION);
	if (!verbose)
		return;
	sandbox = sandbox_enter();
	sandbox_describe(&sandbox, stdout);
}

bool program_wants_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (no_color && no_color[0] != '\0')
		return false;
	return isatty(fileno(stream)) && terminal && strcmp(terminal, "dumb") != 0;
}
