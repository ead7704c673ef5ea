/* ctl/main.c - diag-ctl: commands to a recorder that runs */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/answer.h"
#include "ctl/command.h"
#include "ctl/connection.h"
#include "text/escape.h"

#define CTL_DEFAULT_SOCKET "/run/diag/control"
#define CTL_USAGE_STATUS   2

enum ctl_key {
	KEY_JSON = 256,
};

struct ctl_options {
	const char *socket;
	bool json;
	char **words; /* of the command; borrowed from argv */
	size_t word_count;
};

const char *argp_program_version = "diag-ctl (diag) " DIAG_VERSION;

static const struct argp_option ctl_options_table[] = {
	{"socket", 'S', "SOCKET", 0, "Socket of the recorder (" CTL_DEFAULT_SOCKET ")", 0},
	{"json", KEY_JSON, NULL, 0, "Print the answer as a JSON object on one line", 0},
	{0},
};

/* NOLINTNEXTLINE(readability-non-const-parameter): argp asks for this type */
static error_t parse_key(int key, char *value, struct argp_state *state)
{
	struct ctl_options *options = state->input;

	switch (key) {
	case 'S':
		options->socket = value;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->words = state->argv + state->next;
		options->word_count = (size_t)(state->argc - state->next);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp ctl_argp = {
	.options = ctl_options_table,
	.parser = parse_key,
	.args_doc = "COMMAND [OPERAND...]",
	.doc = "Sends a command to a running diag-record.\v"
	       "Commands:\n"
	       "  status                      what is recorded, since when, its counts and cost\n"
	       "  settings                    limits, triggers and settings of sections\n"
	       "  flight write                write the flight window\n"
	       "  rotate                      continue in a new file\n"
	       "  section start TID [MS]      start a section of a thread\n"
	       "  section stop TID            end the sections of a thread\n"
	       "  set-syscall PID SYSCALL MS  treat each such call as a section (*: of all)\n"
	       "  clear-syscall PID|*         remove the system calls of a process, or of all\n"
	       "  stop                        end the recording\n",
};

static void message(const char *text)
{
	(void)fputs("diag-ctl: ", stderr);
	(void)escape_write(stderr, ESCAPE_TERMINAL, text, strlen(text));
	(void)fputc('\n', stderr);
}

static int fail(const struct ctl_options *options, const char *reason)
{
	if (options->json)
		answer_print_error_json(reason, stdout);
	message(reason);
	return EXIT_FAILURE;
}

static int print(const struct ctl_options *options, char *answer)
{
	const char *reason = answer_error(answer);

	if (reason)
		return fail(options, reason);
	if (!options->json)
		answer_print_text(answer, stdout);
	else if (!answer_print_json(answer, stdout))
		return fail(options, strerror(errno));
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	message(strerror(errno));
	return EXIT_FAILURE;
}

static int ask(const struct ctl_options *options, int fd, const char *line)
{
	struct problem problem = {""};
	char *answer = connection_ask(fd, line, &problem);
	int status;

	if (!answer)
		return fail(options, problem.text);
	if (strcmp(line, "stop\n") == 0 && strcmp(answer, "ok\n") == 0 &&
	    !connection_await_end(fd, &problem))
		status = fail(options, problem.text);
	else
		status = print(options, answer);
	free(answer);
	return status;
}

int main(int argc, char **argv)
{
	struct ctl_options options = {.socket = CTL_DEFAULT_SOCKET};
	char line[COMMAND_LINE_MAX + 1] = "";
	struct problem problem = {""};
	int fd, status;

	argp_err_exit_status = CTL_USAGE_STATUS;
	if (argp_parse(&ctl_argp, argc, argv, 0, NULL, &options) != 0)
		return CTL_USAGE_STATUS;
	if (!command_line(options.words, options.word_count, line, &problem)) {
		message(problem.text);
		return CTL_USAGE_STATUS;
	}
	if (!connection_open(options.socket, &fd, &problem))
		return fail(&options, problem.text);
	status = ask(&options, fd, line);
	(void)close(fd);
	return status;
}
