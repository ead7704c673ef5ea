/* record/options/section_options.c - the options of diag-record for sections */
#include "record/options/section_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/common/message.h"
#include "record/options/refusal.h"
#include "text/quantity.h"

#define SECTION_THRESHOLD_NS 500000000u
#define SECTION_BUFFER_KIB   200u
#define SECTION_BUFFER_MIN   64u
#define SECTION_BUFFER_MAX   10240u
#define SECTION_TIMER_MIN_US 10u
#define SECTION_TIMER_MAX_US 1000000u
#define SECTION_MICROSECONDS 1000u
#define SECTION_US_MAX       1000000000000u
#define SECTION_DECIMALS     4
#define SECTION_PPM_PERCENT  10000

static const struct argp_option section_options_table[] = {
	{NULL, 0, NULL, 0, "Sections (-e section):", 1},
	{"threshold", KEY_THRESHOLD, "MS", 0,
	 "Keep sections that take at least MS and set no threshold (500); also 250us", 1},
	{"threshold-us", KEY_THRESHOLD_US, "US", 0, "The same in microseconds; takes precedence",
	 1},
	{"slowest", KEY_SLOWEST, "PERCENT", 0,
	 "Keep only the slowest PERCENT of them, such as 1%, as far as they are known then", 1},
	{"timer-us", KEY_TIMER_US, "US", 0,
	 "Sample each section every US microseconds, at least 10 (0: no samples)", 1},
	{"buf-size-k", KEY_BUF_SIZE_K, "K", 0, "Memory for the steps of one thread, in KiB (200)",
	 1},
	{"set-syscall", KEY_SET_SYSCALL, "\"PID SYSCALL MS\"", 0,
	 "Treat each such system call as a section; may be repeated", 1},
	{"uprobe", KEY_UPROBE, "\"KEY=VALUE...\"", 0,
	 "Treat the time between two places of a program as a section; may be repeated", 1},
	{"usdt-in", KEY_USDT_IN, "FILE", 0,
	 "Attach to the probes of diag/section.h in FILE, a library or a program not yet running; "
	 "may be repeated",
	 1},
	{0},
};

static void parse_number(const char *option, const char *value, uint64_t largest,
			 uint64_t *ret_number)
{
	if (!quantity_parse_count(value, largest, ret_number))
		refusal_of_value(option, value, "not a number, or too large");
}

static void parse_timer(struct section_options *options, const char *value)
{
	uint64_t us;

	parse_number("timer-us", value, SECTION_TIMER_MAX_US, &us);
	if (us && us < SECTION_TIMER_MIN_US)
		refusal_of_value("timer-us", value, "less than 10");
	options->timer_ns = us * SECTION_MICROSECONDS;
}

static void parse_buffer(struct section_options *options, const char *value)
{
	uint64_t kib;

	parse_number("buf-size-k", value, SECTION_BUFFER_MAX, &kib);
	if (kib == 0)
		kib = SECTION_BUFFER_KIB;
	if (kib < SECTION_BUFFER_MIN)
		refusal_of_value("buf-size-k", value, "not from 64 to 10240");
	options->slot_bytes = (uint32_t)kib * 1024u;
}

/* Takes 1% or 0.1%, with at most 4 decimals: a part of a million. */
static void parse_slowest(struct section_options *options, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	size_t decimals = 0;
	double percent;

	if (value[digits] == '.')
		decimals = strspn(value + digits + 1, "0123456789");
	percent = strtod(value, NULL);
	if (digits == 0 || digits > 3 || decimals > SECTION_DECIMALS ||
	    strcmp(value + digits + (value[digits] == '.') + decimals, "%") != 0 ||
	    percent * SECTION_PPM_PERCENT < 1 || percent > 100)
		refusal_of_value("slowest", value,
				 "not a part: use for example 1%, or 0.1%, up to 100%");
	options->slowest_ppm = (uint32_t)(percent * SECTION_PPM_PERCENT + 0.5);
}

static void add_rule(struct section_options *options, const char *value)
{
	struct problem problem;

	if (options->rule_count == SECTION_OPTIONS_RULES_MAX)
		refusal_of_value("set-syscall", value, "more than 64");
	if (!syscall_rule_parse(value, &options->rules[options->rule_count], &problem))
		refusal_of_value("set-syscall", value, problem.text);
	options->rule_count++;
}

static void add_uprobe(struct section_options *options, const char *value)
{
	struct uprobe_spec *grown;
	const char *what;

	if (options->uprobe_count == SECTION_PAIRS_MAX)
		refusal_of_value("uprobe", value, "more than 64");
	grown = array_grow(options->uprobes, &options->uprobe_capacity, options->uprobe_count + 1,
			   sizeof(*grown), SECTION_PAIRS_MAX);
	if (!grown) {
		message("out of memory");
		exit(EXIT_FAILURE);
	}
	options->uprobes = grown;
	if (!uprobe_spec_parse(value, &grown[options->uprobe_count], &what))
		refusal_of_value("uprobe", value, what);
	options->uprobe_count++;
}

static void add_probe_file(struct section_options *options, const char *value)
{
	if (options->probe_file_count == SECTION_OPTIONS_FILES_MAX)
		refusal_of_value("usdt-in", value, "more than 64");
	options->probe_files[options->probe_file_count++] = value;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct section_options *options = state->input;
	uint64_t number;

	option_set_add(&options->given, key);
	switch (key) {
	case KEY_THRESHOLD:
		if (!section_threshold_parse(value, &number))
			refusal_of_value("threshold", value,
					 "not a time: use for example 100 (ms) or 250us");
		if (!options->threshold_us_given)
			options->threshold_ns = number;
		return 0;
	case KEY_THRESHOLD_US:
		parse_number("threshold-us", value, SECTION_US_MAX, &number);
		options->threshold_ns = number * SECTION_MICROSECONDS;
		options->threshold_us_given = true;
		return 0;
	case KEY_SLOWEST:
		parse_slowest(options, value);
		return 0;
	case KEY_TIMER_US:
		parse_timer(options, value);
		return 0;
	case KEY_BUF_SIZE_K:
		parse_buffer(options, value);
		return 0;
	case KEY_SET_SYSCALL:
		add_rule(options, value);
		return 0;
	case KEY_UPROBE:
		add_uprobe(options, value);
		return 0;
	case KEY_USDT_IN:
		add_probe_file(options, value);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp section_options_argp = {.options = section_options_table, .parser = parse};

void section_options_init(struct section_options *options)
{
	*options = (struct section_options){
		.threshold_ns = SECTION_THRESHOLD_NS,
		.slot_bytes = SECTION_BUFFER_KIB * 1024u,
	};
}

void section_options_release(struct section_options *options)
{
	free(options->uprobes);
	options->uprobes = NULL;
	options->uprobe_count = options->uprobe_capacity = 0;
}
