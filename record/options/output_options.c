/* record/options/output_options.c - options about a directory of files, flight windows and commands
 */
#include "record/options/output_options.h"

#include <string.h>

#include "record/options/refusal.h"
#include "text/quantity.h"

#define OUTPUT_NS_PER_S     UINT64_C(1000000000)
#define OUTPUT_AFTER_NS     (5 * OUTPUT_NS_PER_S)
#define OUTPUT_AFTER_NS_MAX (600 * OUTPUT_NS_PER_S)
#define OUTPUT_COOLDOWN_NS  (60 * OUTPUT_NS_PER_S)
#define OUTPUT_WINDOWS      12u
#define OUTPUT_KEEP_BYTES   (UINT64_C(128) << 10)

static const struct argp_option output_options_table[] = {
	{NULL, 0, NULL, 0, "Always on:", 1},
	{"directory", KEY_DIRECTORY, "DIR", 0, "Write files named by time to DIR, as -o DIR/ does",
	 1},
	{"keep", KEY_KEEP, "SIZE | TIME", 0,
	 "Remove the oldest files of the directory beyond SIZE in all, or older than TIME, such as "
	 "2G or 7d; may be given for both",
	 1},
	{"trigger", KEY_TRIGGER, "CONDITION,...", 0,
	 "With --flight: write the window when all conditions hold: failed, crashed, killed, oom, "
	 "section, signal=NAME, comm=NAME, cgroup=PATH; may be repeated for alternatives",
	 1},
	{"after", KEY_AFTER, "TIME", 0, "Write the window of a trigger TIME after the event (5s)",
	 1},
	{"cooldown", KEY_COOLDOWN, "TIME", 0,
	 "Write no window of a trigger for TIME after the last one (1m)", 1},
	{"max-windows", KEY_MAX_WINDOWS, "COUNT", 0,
	 "Write at most COUNT windows of triggers an hour, up to 60 (12)", 1},
	{"control", KEY_CONTROL, "SOCKET", 0,
	 "Accept commands of diag-ctl(8) from the Unix socket SOCKET while recording", 1},
	{"journal", KEY_JOURNAL, "failed", OPTION_ARG_OPTIONAL,
	 "Send a record to the journal of systemd when a process crashes, is killed by a signal, "
	 "or "
	 "by the out-of-memory killer; failed: also when it fails",
	 1},
	{0},
};

/* A value with a unit of time is a time, any other one a size. */
static void parse_keep(struct output_options *options, const char *value)
{
	static const char time_units[] = "smhd";
	size_t length = strlen(value);
	uint64_t ns;

	if (length && strchr(time_units, value[length - 1])) {
		if (!quantity_parse_duration(value, &ns) || ns < OUTPUT_NS_PER_S)
			refusal_of_value("keep", value,
					 "not a time of at least 1s: use for example 12h or 7d");
		options->keep_s = ns / OUTPUT_NS_PER_S;
	} else if (!quantity_parse_bytes(value, &options->keep_bytes) ||
		   options->keep_bytes < OUTPUT_KEEP_BYTES) {
		refusal_of_value(
			"keep", value,
			"not a size of at least 128K, or a time with its unit, such as 7d");
	}
}

static void parse_journal(struct output_options *options, const char *value)
{
	if (value && strcmp(value, "failed") != 0)
		refusal_of_value("journal", value, "not a class of deaths: use --journal=failed");
	options->journal = value ? OPTIONS_JOURNAL_FAILED : OPTIONS_JOURNAL_DEATHS;
}

static uint64_t parse_time(const char *option, const char *value, uint64_t largest_ns)
{
	uint64_t ns;

	if (!quantity_parse_duration(value, &ns) || ns > largest_ns)
		refusal_of_value(option, value,
				 "not a time, or too long: use for example 5s or 1m");
	return ns;
}

static uint32_t parse_windows(const char *value)
{
	uint64_t count;

	if (!quantity_parse_count(value, TRIGGER_WINDOWS_MAX, &count) || count == 0)
		refusal_of_value("max-windows", value, "not a number from 1 to 60");
	return (uint32_t)count;
}

static error_t parse_key(int key, char *value, struct argp_state *state)
{
	struct output_options *options = state->input;
	const char *reason;

	option_set_add(&options->given, key);
	switch (key) {
	case KEY_DIRECTORY:
		options->directory = value;
		return 0;
	case KEY_KEEP:
		parse_keep(options, value);
		return 0;
	case KEY_TRIGGER:
		reason = trigger_add(&options->trigger, value);
		if (reason)
			refusal_of_value("trigger", value, reason);
		return 0;
	case KEY_AFTER:
		options->trigger.after_ns = parse_time("after", value, OUTPUT_AFTER_NS_MAX);
		return 0;
	case KEY_COOLDOWN:
		options->trigger.cooldown_ns = parse_time("cooldown", value, UINT64_MAX / 2);
		return 0;
	case KEY_MAX_WINDOWS:
		options->trigger.windows_max = parse_windows(value);
		return 0;
	case KEY_CONTROL:
		options->control = value;
		return 0;
	case KEY_JOURNAL:
		parse_journal(options, value);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp output_options_argp = {.options = output_options_table, .parser = parse_key};

void output_options_init(struct output_options *ret_options)
{
	*ret_options = (struct output_options){
		.trigger = {.after_ns = OUTPUT_AFTER_NS,
			    .cooldown_ns = OUTPUT_COOLDOWN_NS,
			    .windows_max = OUTPUT_WINDOWS},
	};
}
