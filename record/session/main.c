/* record/session/main.c - diag-record */
#include <argp.h>
#include <malloc.h>
#include <stdlib.h>

#include "record/common/message.h"
#include "record/common/process_title.h"
#include "record/options/options.h"
#include "record/session/check.h"
#include "record/session/session.h"
#include "text/quantity.h"

const char *argp_program_version = "diag-record (diag) " DIAG_VERSION;

static void report(const struct session_result *result)
{
	double percent = result->duration_ns
				 ? 100.0 * (double)result->cpu_ns / (double)result->duration_ns
				 : 0.0;

	message("%s: %s event%s, %s lost, %s; took %s of CPU time to start, then %.1f %% of one "
		"CPU",
		result->path, quantity_exact(result->event_count).text,
		result->event_count == 1 ? "" : "s", quantity_exact(result->lost_count).text,
		quantity_of_bytes(result->bytes).text,
		quantity_of_duration(result->start_cpu_ns).text, percent);
	if (result->limit.text[0])
		message("%s", result->limit.text);
	if (result->kept_count && result->file_count > result->kept_count)
		message("%u files in all, of which the last %u are kept", result->file_count,
			result->kept_count);
	else if (result->file_count > 1)
		message("%u files in all", result->file_count);
}

static int record(const struct options *options)
{
	struct session_result result = {0};
	struct problem problem = {""};

	if (!session_run(options, &result, &problem)) {
		message("%s", problem.text);
		return EXIT_FAILURE;
	}
	if (!options->quiet)
		report(&result);
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
	char **arguments = process_title_take_arguments(argc, argv);
	struct options options;
	int status;

	if (!arguments) {
		message("out of memory");
		return EXIT_FAILURE;
	}
	keep_little_memory();
	options_parse(argc, arguments, &options);
	status = options.check ? check_print() : record(&options);
	options_release(&options);
	free(arguments);
	return status;
}
