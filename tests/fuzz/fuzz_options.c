/* tests/fuzz/fuzz_options.c - any text as options of the analysers
 *
 * With these options a trace is filtered.
 *
 * Input: arguments, one a line.
 */
#include <argp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/fold/fold.h"
#include "analyze/replay/replay.h"
#include "tests/analyze/replayed.h"
#include "tests/fuzz/arguments.h"

#define TEXT_MAX      4096u
#define ARGUMENTS_MAX 32

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count(void *context, const struct visitor_event *event)
{
	(void)event;
	++*(uint64_t *)context;
	return true;
}

static uint64_t count_selected(struct trace *trace, const struct selection *selection)
{
	uint64_t found = 0;

	replayed_show(
		trace, selection,
		(struct visitor){.context = &found, .kinds = VISITOR_ALL_KINDS, .visit = count});
	return found;
}

static void check_selection(const struct selection *selection)
{
	static struct trace *trace;
	static uint64_t all;
	char *text = selection_describe(selection);

	if (!text)
		abort();
	free(text);
	if (!trace) {
		trace = replayed_trace(scenario_deaths);
		all = count_selected(trace, NULL);
	}
	if (count_selected(trace, selection) > all)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fold_request request = {.shape = {.root_count = 0}};
	char text[TEXT_MAX + 1];
	char *argv[ARGUMENTS_MAX + 1];
	int argc;

	if (size > TEXT_MAX)
		return 0;
	argc = arguments_of_input(data, size, text, argv, ARGUMENTS_MAX);
	/* An option that there is not ends the reading; of a wrong value only the option is
	 * without effect, and what was understood of the rest must be sound. */
	if (argp_parse(&fold_argp, argc, argv, ARGP_SILENT, NULL, &request) == 0)
		check_selection(&request.selection);
	fold_request_release(&request);
	return 0;
}
