/* analyze/program/program.c - functions shared by the programs that read traces */
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

/* Problems beyond these are printed as one line with their number. */
#define PROBLEMS_SHOWN 20u

/* Prints "PROGRAM: OBJECT: REASON", and the text of error_number if it is not 0. */
static void complain(const char *program, const char *object, const char *reason, int error_number)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, object, strlen(object));
	fprintf(stderr, ": %s", reason);
	if (error_number != 0)
		fprintf(stderr, ": %s", strerror(error_number));
	fputc('\n', stderr);
}

/* argp prints help and exits without a check of standard output, so it is checked at exit. */
static void end_with_output(int status, void *program)
{
	(void)status;
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	complain(program, "standard output", "cannot write", errno);
	_exit(PROGRAM_FAILURE);
}

void program_begin(char *program, char **argv)
{
	(void)on_exit(end_with_output, program_invocation_short_name);
	argv[0] = program;
	argp_err_exit_status = PROGRAM_USAGE;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* Opened for reading, so that writing to a closed descriptor still fails. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			_exit(PROGRAM_FAILURE);
	/* The sandbox forbids opening the file with the time zone. libc opens it again and again
	 * unless TZ names it. */
	setenv("TZ", ":/etc/localtime", false);
	tzset();
}

int program_open_input(const char *program, const char *path)
{
	/* Without O_NONBLOCK, open() waits until another process opens a pipe for writing. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		complain(program, path, "cannot open", errno);
	} else if (!S_ISREG(status.st_mode)) {
		complain(program, path,
			 S_ISDIR(status.st_mode)
				 ? "is a directory: name a file in it"
				 : "not a regular file: copy it to a regular file first",
			 0);
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

	/* errno of an earlier write is lost: writing one more byte sets it again. */
	if (failed && write(STDOUT_FILENO, "\n", 1) < 0)
		error = errno;
	if (!failed && (fflush(stdout) != 0 || close(STDOUT_FILENO) != 0)) {
		failed = true;
		error = errno;
	}
	if (!failed)
		return true;
	complain(program, "standard output", "cannot write", error);
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
		fprintf(stderr, "%s: %zu more problems, %" PRIu64 " bytes not read\n", program,
			number - PROBLEMS_SHOWN, bytes);
	return status;
}

void program_enter_sandbox(void)
{
	sandbox_enter();
}

void program_enter_sandbox_thread(void)
{
	sandbox_enter_thread();
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
