/* record/options/probe_options.c - the options of diag-record for probes */
#include "record/options/probe_options.h"

#include <stdlib.h>

#include "base/array.h"
#include "record/common/message.h"
#include "record/options/refusal.h"
#include "text/quantity.h"

#define PROBE_SPECS_MAX  1024u
#define PROBE_LATENCY_US 1000000000u
#define PROBE_NS_PER_US  1000u

static const struct argp_option probe_options_table[] = {
	{NULL, 0, NULL, 0,
	 "Probes (-e kprobe:FUNC, kretprobe:FUNC, tracepoint:CAT:NAME, uprobe:FILE:FUNC, "
	 "uretprobe:FILE:FUNC, usdt:FILE:PROVIDER:NAME):",
	 1},
	{"call-graph", 'g', NULL, 0, "Also record the user stack of each hit", 1},
	{"every", KEY_EVERY, "COUNT", 0,
	 "Record one of COUNT hits on each CPU, also of -e runq, cpu, offcpu", 1},
	{"max-per-second", KEY_MAX_PER_SECOND, "COUNT", 0,
	 "Record at most COUNT hits a second on each CPU, of -e runq, cpu and offcpu each", 1},
	{"min-latency", KEY_MIN_LATENCY, "US", 0,
	 "For kretprobes and uretprobes: record only calls that took at least US microseconds", 1},
	{0},
};

static uint64_t parse_number(const char *option, const char *value, uint64_t largest)
{
	uint64_t number;

	if (!quantity_parse_count(value, largest, &number) || number == 0)
		refusal_of_value(option, value, "not a number of at least 1, or too large");
	return number;
}

void probe_options_add(struct probe_options *options, const char *text)
{
	struct probe_spec *grown;
	const char *what;

	if (options->spec_count == PROBE_SPECS_MAX)
		refusal_of_value("event", text, "more than 1024 probes");
	grown = array_grow(options->specs, &options->spec_capacity, options->spec_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown) {
		message("out of memory");
		exit(EXIT_FAILURE);
	}
	options->specs = grown;
	if (!probe_spec_parse(text, &grown[options->spec_count], &what))
		refusal_of_value("event", text, what);
	options->spec_count++;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct probe_options *options = state->input;

	option_set_add(&options->given, key);
	switch (key) {
	case 'g':
		options->user_stacks = true;
		return 0;
	case KEY_EVERY:
		options->every = (uint32_t)parse_number("every", value, UINT32_MAX);
		return 0;
	case KEY_MAX_PER_SECOND:
		options->max_per_second =
			(uint32_t)parse_number("max-per-second", value, UINT32_MAX);
		return 0;
	case KEY_MIN_LATENCY:
		options->min_latency_ns =
			parse_number("min-latency", value, PROBE_LATENCY_US) * PROBE_NS_PER_US;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp probe_options_argp = {.options = probe_options_table, .parser = parse};

void probe_options_release(struct probe_options *options)
{
	for (size_t i = 0; i < options->spec_count; i++)
		probe_spec_release(&options->specs[i]);
	free(options->specs);
	options->specs = NULL;
	options->spec_count = options->spec_capacity = 0;
}
