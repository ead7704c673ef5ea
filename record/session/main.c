/* record/session/main.c - diag-record */
#include <argp.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "record/common/message.h"
#include "record/common/process_title.h"
#include "record/common/terminal.h"
#include "record/options/options.h"
#include "record/selftest/selftest.h"
#include "record/session/check.h"
#include "record/session/session.h"
#include "record/session/summary.h"

const char *argp_program_version = "diag-record (diag) " DIAG_VERSION;

static int record(const struct options *options)
{
	struct session_result result = {0};
	struct problem problem = {""};

	if (!session_run(options, &result, &problem)) {
		message("%s", problem.text);
		return EXIT_FAILURE;
	}
	if (!options->quiet)
		summary_print(&result, isatty(STDERR_FILENO) == 1);
	return result.command_status;
}

/* Returns memory to the kernel that is needed for a short time, to read a large file. By default
 * the C library keeps it, and keeps it for each thread. */
static void keep_little_memory(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
	(void)mallopt(M_TRIM_THRESHOLD, 256 << 10);
	(void)mallopt(M_ARENA_MAX, 1);
}

int main(int argc, char **argv)
{
	char **arguments;
	struct options options;
	int status;

	terminal_open_standard_files();
	arguments = process_title_take_arguments(argc, argv);
	if (!arguments) {
		message("out of memory");
		return EXIT_FAILURE;
	}
	keep_little_memory();
	options_parse(argc, arguments, &options);
	if (options.check)
		status = check_print();
	else if (options.self_test)
		status = selftest_run(options.command);
	else
		status = record(&options);
	options_release(&options);
	free(arguments);
	return status;
}
