/* record/options/options.c - the command line of diag-record */
#include "record/options/options.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "base/ring_sizes.h"
#include "record/common/message.h"
#include "record/options/name_pattern.h"
#include "record/options/old_words.h"
#include "record/options/option_rules.h"
#include "record/options/sampled_event.h"
#include "record/output/file_directory.h"
#include "record/output/flight_window.h"
#include "record/output/output_helper.h"
#include "record/output/size_limit.h"
#include "text/id_list.h"
#include "text/quantity.h"
#include "text/similar_names.h"

#define OPTIONS_USAGE_STATUS     2
#define OPTIONS_SECTION_SYNONYM  "run" /* the word of diagnose-tools */
#define OPTIONS_EVENT_BYTES      32
#define OPTIONS_EVENT_HINT_BYTES 256
#define OPTIONS_TRACEPOINT_CHARS 96
#define OPTIONS_USER_STACK_BYTES 16384u
#define OPTIONS_UNWIND_PERCENT   25u
#define OPTIONS_KILL_AFTER_NS    UINT64_C(5000000000)
#define OPTIONS_RING_BYTES_MIN   4096u
#define OPTIONS_ROTATE_COUNT_MIN 2u
#define OPTIONS_FLIGHT_NS_MIN    1000000000u
#define OPTIONS_FLIGHT_BYTES     (UINT64_C(64) << 20)
#define OPTIONS_FLIGHT_BYTES_MAX (UINT64_C(64) << 30)
#define OPTIONS_PID_MAX          4194304u
#define OPTIONS_CPU_MAX          8191u
#define OPTIONS_UID_MAX          UINT32_MAX

static const char options_doc[] =
	"Records why processes die and who signals whom, machine-wide, into one file that "
	"diag-report explains on any machine.\v"
	"Without -e, exits and signals are recorded. LIST is a list of numbers and ranges such as "
	"0-16,23. An event is recorded if it passes every kind of filter that is given. With a "
	"COMMAND, only it and its descendants are recorded, until it ends, and its exit status "
	"becomes that of diag-record. SIGINT and SIGTERM finish the file, SIGHUP starts another "
	"one, SIGUSR2 writes the window of --flight.";

static const struct argp_option options_table[] = {
	{"output", 'o', "FILE", 0, "Write to FILE (diag-HOST-TIME.dz)", 1},
	{"event", 'e', "EVENT,...", 0,
	 "Record EVENT: exit, signal, section, runq[:MS], cpu[:NAME][:HZ], offcpu[:MS], "
	 "kprobe:FUNC, "
	 "kretprobe:FUNC, tracepoint:CAT:NAME, uprobe:FILE:FUNC, uretprobe:FILE:FUNC or "
	 "usdt:FILE:PROVIDER:NAME; may be repeated (exit,signal)",
	 1},
	{"freq", 'F', "HZ", 0, "Record samples of CPUs, as -e cpu:HZ does", 1},
	{"duration", 'd', "TIME", 0, "Stop after TIME, such as 90s, 5m, 1.5h", 1},
	{"max-size", KEY_MAX_SIZE, "SIZE", 0, "Stop before the file exceeds SIZE, at least 64K", 1},
	{"rotate", KEY_ROTATE, "SIZE[,COUNT]", 0,
	 "Start a new file before the current one exceeds SIZE; keep the newest COUNT files", 1},
	{"flight", KEY_FLIGHT, "TIME[,SIZE]", 0,
	 "Keep only the last TIME, in at most SIZE of memory (64M); write it on SIGUSR2 and at the "
	 "end",
	 1},
	{"live", KEY_LIVE, "all | json", OPTION_ARG_OPTIONAL,
	 "Also print events as they happen; all: with clean exits and SIGCHLD; json: as JSON. "
	 "Without -o, keep no file",
	 1},
	{"min-free", KEY_MIN_FREE, "SIZE | PERCENT%", 0,
	 "Stop when less than SIZE, or a share such as 10%, is free on the file system (64M or 5%, "
	 "whichever is less; 0: no limit)",
	 1},
	{"all-processes", 'a', NULL, 0, "Record the whole machine while COMMAND runs", 1},
	{"kill-after", KEY_KILL_AFTER, "TIME", 0,
	 "Kill a COMMAND that outlives SIGTERM by TIME, at the end of the recording (5s)", 1},
	{NULL, 0, NULL, 0, "Filters:", 2},
	{"tgid", 'p', "LIST", 0, "Only processes in LIST (for signals: the receivers)", 2},
	{"tid", 't', "LIST", 0, "Only threads in LIST (for signals: the receivers)", 2},
	{"comm", 'c', "NAME", 0,
	 "Only threads called NAME, or whose process is called NAME, with * and ? as wildcards; "
	 "may be repeated",
	 2},
	{"cpu", 'C', "LIST", 0, "Only events on CPUs in LIST", 2},
	{"cgroup", KEY_CGROUP, "PATH", 0,
	 "Only processes in the control group PATH and in those below it", 2},
	{"uid", KEY_UID, "LIST", 0, "Only processes whose real user ID is in LIST", 2},
	{"signals", KEY_SIGNALS, "LIST", 0,
	 "Only signals in LIST, such as KILL,15,RTMIN-RTMAX or ^CHLD", 2},
	{"failed", KEY_FAILED, NULL, 0, "Only exits with a status other than 0", 2},
	{"threads", KEY_THREADS, NULL, 0,
	 "Also exits of threads that are not the last of their process", 2},
	{"sender-tgid", KEY_SENDER_TGID, "LIST", 0, "Only signals from processes in LIST", 2},
	{"sender-comm", KEY_SENDER_COMM, "NAME", 0,
	 "Only signals from NAME, with * and ? as wildcards; may be repeated", 2},
	{NULL, 0, NULL, 0, "Others:", 3},
	{"ring-size", KEY_RING_SIZE, "SIZE", 0,
	 "Memory for each kind of ring buffer, such as 16M (8M for exits, 4M for signals)", 3},
	{"user-stack", KEY_USER_STACK, "SIZE | copy", 0,
	 "Copy SIZE of a user stack, at most 64K (16K; 0: no user stacks), if it cannot be walked; "
	 "copy: always",
	 3},
	{"unwind-cpu", KEY_UNWIND_CPU, "PERCENT", 0,
	 "Limit the unwinding of user stacks to PERCENT of one CPU (25)", 3},
	{"cmdline", KEY_CMDLINE, NULL, 0, "Record the arguments of processes and their ancestors",
	 3},
	{"check", KEY_CHECK, NULL, 0, "Report what this kernel allows, and how to enable the rest",
	 3},
	{"self-test", KEY_SELF_TEST, NULL, 0,
	 "Record known processes for some seconds, and report whether it comes out right; KIND: "
	 "only exit, signal, section, uprobe, tracepoint, kprobe, kretprobe, runq, cpu or offcpu",
	 3},
	{"force", KEY_FORCE, NULL, 0, "Replace an existing file", 3},
	{"quiet", 'q', NULL, 0, "Print only errors", 3},
	{"verbose", 'v', NULL, 0, "Also print the messages of libbpf and the kernel", 3},
	{0},
};

static const char *const options_event_names[] = {"exit", "signal", "section",
						  "runq", "cpu",    "offcpu"};

static const char *const options_text_names[OPTIONS_TEXT_COUNT] = {
	[OPTIONS_TEXT_TGID] = "tgid",
	[OPTIONS_TEXT_TID] = "tid",
	[OPTIONS_TEXT_COMM] = "comm",
	[OPTIONS_TEXT_CPU] = "cpu",
	[OPTIONS_TEXT_CGROUP] = "cgroup",
	[OPTIONS_TEXT_UID] = "uid",
	[OPTIONS_TEXT_SIGNALS] = "signals",
	[OPTIONS_TEXT_SENDER_TGID] = "sender-tgid",
	[OPTIONS_TEXT_SENDER_COMM] = "sender-comm",
};

const char *options_event_name(size_t index)
{
	if (index >= sizeof(options_event_names) / sizeof(options_event_names[0]))
		return NULL;
	return options_event_names[index];
}

static void options_join(char *out, size_t size, const char *separator, const char *text)
{
	size_t used = strlen(out);

	if (used + strlen(separator) + strlen(text) < size)
		(void)snprintf(out + used, size - used, "%s%s", used ? separator : "", text);
}

void options_describe_events(const struct options *options, const char *separator, char *out,
			     size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; options_event_name(i); i++) {
		if (options->events & 1u << i)
			options_join(out, size, separator, options_event_name(i));
	}
	for (size_t i = 0; i < options->probes.spec_count; i++)
		options_join(out, size, separator, options->probes.specs[i].text);
}

const char *options_text_name(enum options_text text)
{
	return options_text_names[text];
}

/* Wrong usage ends the program, as it does inside argp. */
static void options_fail(const char *option, const char *value, const char *reason)
{
	message("--%s%s%s: %s", option, value[0] ? " " : "", value, reason);
	exit(OPTIONS_USAGE_STATUS);
}

static void *options_memory(void *memory)
{
	if (!memory) {
		message("out of memory");
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* Splits NAME:VALUE. *ret_value is NULL without a colon, and borrows from the event. */
static void options_split_event(const char *event, char word[OPTIONS_EVENT_BYTES],
				const char **ret_value)
{
	const char *colon = strchr(event, ':');
	const char *name = strcmp(event, OPTIONS_SECTION_SYNONYM) == 0 ? "section" : event;

	(void)snprintf(word, OPTIONS_EVENT_BYTES, "%.*s",
		       colon ? (int)(colon - event) : (int)strlen(name), name);
	*ret_value = colon ? colon + 1 : NULL;
}

/* Names the events that a misspelt word may mean. Returns false if there are none. */
static bool options_similar_hint(const char *word, char hint[OPTIONS_EVENT_HINT_BYTES])
{
	char names[SIMILAR_NAMES_TEXT_MAX];
	struct similar_names similar;

	similar_names_begin(&similar, word);
	for (size_t i = 0; options_event_name(i); i++)
		similar_names_offer(&similar, options_event_name(i));
	for (int form = PROBE_KPROBE; form <= PROBE_USDT; form++) {
		const char *name = probe_form_name((enum probe_form)form);

		/* Not misspelt: what it is a probe of is missing. */
		if (strcmp(word, name) == 0)
			return false;
		similar_names_offer(&similar, name);
	}
	similar_names_text(&similar, names);
	(void)snprintf(hint, OPTIONS_EVENT_HINT_BYTES, "no such event: did you mean %s", names);
	return names[0] != '\0';
}

/* Writes what to type for a name that perf takes, cycles, cycles:u or sched:sched_switch, and for a
 * misspelt one. Returns false for any other text. */
static bool options_event_hint(const char *name, char hint[OPTIONS_EVENT_HINT_BYTES])
{
	const char *colon = strchr(name, ':');
	const int length = (int)(colon ? (size_t)(colon - name) : strlen(name));
	char event[OPTIONS_EVENT_BYTES];
	struct sampled_event sampled;
	struct problem problem;

	(void)snprintf(event, sizeof(event), "%.*s", length, name);
	if (sampled_event_parse(event, &sampled, &problem))
		(void)snprintf(hint, OPTIONS_EVENT_HINT_BYTES,
			       "an event of perf: use -e cpu:%s, which has kernel and user stacks",
			       event);
	else if (options_similar_hint(event, hint))
		return true;
	else if (colon && event[0] && colon[1] && !strchr(colon + 1, ':'))
		(void)snprintf(hint, OPTIONS_EVENT_HINT_BYTES,
			       "no such event: use -e tracepoint:%.*s for a tracepoint",
			       OPTIONS_TRACEPOINT_CHARS, name);
	else
		return false;
	return true;
}

static void options_parse_event(struct options *options, const char *name)
{
	char hint[OPTIONS_EVENT_HINT_BYTES];
	char word[OPTIONS_EVENT_BYTES];
	const char *value;
	size_t i = 0;

	if (probe_spec_is_meant(name)) {
		probe_options_add(&options->probes, name);
		options->events |= OPTIONS_PROBE;
		return;
	}
	options_split_event(name, word, &value);
	while (options_event_name(i) && strcmp(word, options_event_name(i)) != 0)
		i++;
	if (!options_event_name(i) && old_words_hint(name))
		options_fail("event", name, old_words_hint(name));
	if (!options_event_name(i) && options_event_hint(name, hint))
		options_fail("event", name, hint);
	if (!options_event_name(i) ||
	    (!profile_options_set(&options->profile, word, value) && value))
		options_fail(
			"event", name,
			"no such event: use exit, signal, section, runq[:MS], cpu[:NAME][:HZ], "
			"offcpu[:MS], kprobe:FUNC, kretprobe:FUNC, tracepoint:CAT:NAME, "
			"uprobe:FILE:FUNC, "
			"uretprobe:FILE:FUNC or usdt:FILE:PROVIDER:NAME");
	options->events |= 1u << i;
}

/* Splits the first event from a list; a comma in parentheses belongs to the event. */
static char *options_next_event(char **rest)
{
	char *event = *rest, *end = event;
	int depth = 0;

	if (!event)
		return NULL;
	for (; *end && (*end != ',' || depth > 0); end++)
		depth += (*end == '(') - (*end == ')');
	*rest = *end ? end + 1 : NULL;
	*end = '\0';
	return event;
}

static void options_parse_events(struct options *options, const char *value)
{
	char *copy = options_memory(strdup(value));
	char *rest = copy, *name;

	while ((name = options_next_event(&rest)))
		options_parse_event(options, name);
	free(copy);
}

/* An option with a list may be repeated. */
static void options_append_text(struct options *options, enum options_text which, const char *value)
{
	char **text = &options->texts[which];
	char *joined;

	if (*text) {
		if (asprintf(&joined, "%s,%s", *text, value) < 0)
			options_memory(NULL);
	} else {
		joined = options_memory(strdup(value));
	}
	free(*text);
	*text = joined;
}

static void options_add_name(struct filter_names *names, const char *option, const char *value)
{
	bool is_cut;
	const char *reason = name_pattern_add(names, value, &is_cut);

	if (reason)
		options_fail(option, value, reason);
	if (is_cut)
		message("warning: --%s %s: the kernel keeps 15 bytes of a name: recording %.15s",
			option, value, value);
}

/* Parts that begin with ^ are excluded; a list of only such parts starts with all signals. */
static void options_parse_signals(struct options *options, const char *value)
{
	char *copy = options_memory(strdup(value));
	char *rest = copy, *part;
	uint64_t chosen = 0, excluded = 0, set;
	bool chooses = false;

	while ((part = strsep(&rest, ","))) {
		bool is_excluded = *part == '^';

		if (!signal_parse_set(part + is_excluded, &set))
			options_fail("signals", part,
				     "no such signal: use a name, a number or a range");
		*(is_excluded ? &excluded : &chosen) |= set;
		chooses |= !is_excluded;
	}
	free(copy);
	options->filter.signals = (chooses ? chosen : UINT64_MAX) & ~excluded;
	options->filter.child_stacks = chosen >> (SIGCHLD - 1) & 1;
	if (!options->filter.signals)
		options_fail("signals", value, "no signal is left to record");
}

static void options_parse_ring_size(struct options *options, const char *value)
{
	uint64_t bytes;

	if (!quantity_parse_bytes(value, &bytes) || bytes < OPTIONS_RING_BYTES_MIN ||
	    bytes > RING_SIZE_MAX)
		options_fail("ring-size", value, "not a size from 4K to 1G");
	/* The kernel requires a power of two. */
	options->ring_bytes = OPTIONS_RING_BYTES_MIN;
	while (options->ring_bytes < bytes)
		options->ring_bytes *= 2;
}

static void options_parse_user_stack(struct options *options, const char *value)
{
	uint64_t bytes;

	if (strcmp(value, "copy") == 0) {
		options->user_stack_method = OPTIONS_USER_STACK_COPY;
		return;
	}
	if (strcmp(value, "check") == 0) {
		options->user_stack_method = OPTIONS_USER_STACK_CHECK;
		return;
	}
	if (!quantity_parse_bytes(value, &bytes) || bytes > USER_STACK_BYTES_MAX)
		options_fail("user-stack", value, "not a size from 0 to 64K, and not copy");
	options->user_stack_bytes = (uint32_t)(bytes + USER_STACK_PIECE_BYTES - 1) /
				    USER_STACK_PIECE_BYTES * USER_STACK_PIECE_BYTES;
}

static void options_parse_unwind_cpu(struct options *options, const char *value)
{
	uint64_t percent;

	if (!quantity_parse_count(value, 100, &percent) || percent == 0)
		options_fail("unwind-cpu", value, "not a percentage from 1 to 100");
	options->unwind_percent = (unsigned int)percent;
}

static void options_parse_live(struct options *options, const char *value)
{
	options->live = OPTIONS_LIVE_DEATHS;
	if (value && strcmp(value, "all") == 0)
		options->live = OPTIONS_LIVE_ALL;
	else if (value && strcmp(value, "json") == 0)
		options->live = OPTIONS_LIVE_JSON;
	else if (value)
		options_fail("live", value, "not a form of output: use --live=all or --live=json");
}

static void options_parse_max_size(struct options *options, const char *value)
{
	if (!quantity_parse_bytes(value, &options->max_bytes) ||
	    options->max_bytes < SIZE_LIMIT_BYTES_MIN)
		options_fail("max-size", value, "not a size of at least 64K");
}

/* Splits a value such as SIZE[,COUNT]: returns the text before the comma and sets *ret_rest to the
 * text after it, or NULL. The caller frees the result, and with it *ret_rest. */
static char *options_split(const char *value, char **ret_rest)
{
	char *copy = options_memory(strdup(value));
	char *comma = strchr(copy, ',');

	if (comma)
		*comma = '\0';
	*ret_rest = comma ? comma + 1 : NULL;
	return copy;
}

static void options_parse_rotate(struct options *options, const char *value)
{
	char *count_text;
	char *size_text = options_split(value, &count_text);
	uint64_t count = 0;

	if (!quantity_parse_bytes(size_text, &options->rotate_bytes) ||
	    options->rotate_bytes < SIZE_LIMIT_BYTES_MIN ||
	    (count_text && (!quantity_parse_count(count_text, OUTPUT_HELPER_KEPT_MAX, &count) ||
			    count < OPTIONS_ROTATE_COUNT_MIN)))
		options_fail(
			"rotate", value,
			"not a size of at least 64K, or a size and a count from 2 to 10000: use "
			"for example 64M or 64M,8");
	options->rotate_count = (uint32_t)count;
	free(size_text);
}

static void options_parse_flight(struct options *options, const char *value)
{
	char *size_text;
	char *time_text = options_split(value, &size_text);

	options->flight_bytes = OPTIONS_FLIGHT_BYTES;
	if (!quantity_parse_duration(time_text, &options->flight_ns) ||
	    options->flight_ns < OPTIONS_FLIGHT_NS_MIN ||
	    (size_text && (!quantity_parse_bytes(size_text, &options->flight_bytes) ||
			   options->flight_bytes < FLIGHT_WINDOW_BYTES_MIN ||
			   options->flight_bytes > OPTIONS_FLIGHT_BYTES_MAX)))
		options_fail(
			"flight", value,
			"not a time of at least 1s, or a time and a size from 256K to 64G: use "
			"for example 5m or 5m,256M");
	free(time_text);
}

static bool options_parse_limit(int key, const char *value, struct options *options)
{
	switch (key) {
	case 'd':
		if (!quantity_parse_duration(value, &options->duration_ns) ||
		    options->duration_ns == 0)
			options_fail("duration", value,
				     "not a time: use for example 5, 90s or 1.5h");
		return true;
	case KEY_MAX_SIZE:
		options_parse_max_size(options, value);
		return true;
	case KEY_ROTATE:
		options_parse_rotate(options, value);
		return true;
	case KEY_FLIGHT:
		options_parse_flight(options, value);
		return true;
	case KEY_KILL_AFTER:
		if (!quantity_parse_duration(value, &options->kill_after_ns))
			options_fail("kill-after", value,
				     "not a time: use for example 0, 500ms or 10s");
		return true;
	case KEY_MIN_FREE:
		if (!free_space_parse(value, &options->min_free))
			options_fail("min-free", value,
				     "not a size or a share: use for example 1G or 10%");
		return true;
	default:
		return false;
	}
}

static bool options_parse_filter(int key, const char *value, struct options *options)
{
	static const struct {
		int key;
		enum options_text text;
	} filters[] = {
		{'p', OPTIONS_TEXT_TGID},
		{'t', OPTIONS_TEXT_TID},
		{'c', OPTIONS_TEXT_COMM},
		{'C', OPTIONS_TEXT_CPU},
		{KEY_CGROUP, OPTIONS_TEXT_CGROUP},
		{KEY_UID, OPTIONS_TEXT_UID},
		{KEY_SIGNALS, OPTIONS_TEXT_SIGNALS},
		{KEY_SENDER_TGID, OPTIONS_TEXT_SENDER_TGID},
		{KEY_SENDER_COMM, OPTIONS_TEXT_SENDER_COMM},
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		if (filters[i].key != key)
			continue;
		if (key == KEY_CGROUP && options->texts[OPTIONS_TEXT_CGROUP])
			options_fail("cgroup", value, "only one control group is possible");
		if (key == 'c')
			options_add_name(&options->filter.comms, "comm", value);
		if (key == KEY_SENDER_COMM)
			options_add_name(&options->filter.sender_comms, "sender-comm", value);
		options_append_text(options, filters[i].text, value);
		return true;
	}
	return false;
}

/* As perf record has it. */
static void options_parse_frequency(struct options *options, const char *value)
{
	profile_options_set_frequency(&options->profile, value);
	options->events |= OPTIONS_CPU;
}

static bool options_parse_flag(int key, struct options *options)
{
	switch (key) {
	case 'a':
		options->all = true;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 'v':
		options->verbose = true;
		return true;
	case KEY_CHECK:
		options->check = true;
		return true;
	case KEY_SELF_TEST:
		options->self_test = true;
		return true;
	case KEY_CMDLINE:
		options->command_lines = true;
		return true;
	case KEY_FORCE:
		options->force = true;
		return true;
	case KEY_FAILED:
		options->filter.failed = 1;
		return true;
	case KEY_THREADS:
		options->filter.threads = 1;
		return true;
	default:
		return false;
	}
}

static error_t options_parse_key(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;

	option_set_add(&options->given, key);
	if (options_parse_flag(key, options) || options_parse_filter(key, value, options) ||
	    options_parse_limit(key, value, options))
		return 0;
	switch (key) {
	case 'o':
		options->output = value;
		return 0;
	case 'e':
		options_parse_events(options, value);
		return 0;
	case 'F':
		options_parse_frequency(options, value);
		return 0;
	case KEY_RING_SIZE:
		options_parse_ring_size(options, value);
		return 0;
	case KEY_USER_STACK:
		options_parse_user_stack(options, value);
		return 0;
	case KEY_LIVE:
		options_parse_live(options, value);
		return 0;
	case KEY_UNWIND_CPU:
		options_parse_unwind_cpu(options, value);
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->section;
		state->child_inputs[1] = &options->probes;
		state->child_inputs[2] = &options->always_on;
		return 0;
	case ARGP_KEY_ARG:
		/* The command starts at the first word that is not an option. */
		options->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void options_parse_ranges(const struct options *options, enum options_text which,
				 uint32_t largest, struct filter_ranges *ret_ranges)
{
	const char *text = options->texts[which];
	struct id_list list = {0};

	if (!text)
		return;
	if (!id_list_parse(text, largest, &list))
		options_fail(options_text_names[which], text,
			     "not a list of numbers: use for example 0-16,23");
	if (list.count > FILTER_RANGES_MAX)
		options_fail(options_text_names[which], text, "more than 128 ranges");
	for (size_t i = 0; i < list.count; i++) {
		ret_ranges->ranges[i].first = list.ranges[i].first;
		ret_ranges->ranges[i].last = list.ranges[i].last;
	}
	ret_ranges->count = (uint32_t)list.count;
	id_list_release(&list);
}

/* The directory of -o DIR/ is given with --directory, too. */
static void options_check_directory(struct options *options)
{
	struct output_options *always_on = &options->always_on;

	if (!always_on->directory && options->output && file_directory_is_meant(options->output))
		always_on->directory = options->output;
	if (always_on->keep_bytes && !options->rotate_bytes && !options->flight_ns &&
	    !options->max_bytes)
		options_fail("keep", "",
			     "a size needs a limit for each file: add --rotate, --flight or "
			     "--max-size");
	if (always_on->keep_bytes && (always_on->keep_bytes < 2 * options->rotate_bytes ||
				      always_on->keep_bytes < options->max_bytes))
		options_fail("keep", "", "smaller than two files: use a larger size");
}

static void options_check_trigger(const struct options *options)
{
	const struct trigger *trigger = &options->always_on.trigger;

	for (size_t i = 0; i < trigger->count; i++) {
		bool is_section = trigger->alternatives[i].class == TRIGGER_SECTION;

		if (!(options->events & (is_section ? OPTIONS_SECTION : OPTIONS_EXIT)))
			options_fail("trigger", trigger->alternatives[i].text,
				     is_section ? "no effect without -e section"
						: "no effect without -e exit");
	}
}

static bool options_have_kretprobe(const struct probe_options *probes)
{
	for (size_t i = 0; i < probes->spec_count; i++) {
		if (probe_form_has_latency(probes->specs[i].form))
			return true;
	}
	return false;
}

static unsigned int options_provisions(const struct options *options)
{
	const struct {
		bool is_true;
		enum option_provision provision;
	} facts[] = {
		{options->events & OPTIONS_EXIT, OPTION_HAS_EXIT},
		{options->events & OPTIONS_SIGNAL, OPTION_HAS_SIGNAL},
		{options->events & OPTIONS_SECTION, OPTION_HAS_SECTION},
		{options->events & OPTIONS_PROBE, OPTION_HAS_PROBE},
		{options_have_kretprobe(&options->probes), OPTION_HAS_KRETPROBE},
		{(options->events & OPTIONS_PROBE && options->probes.user_stacks) ||
			 options->events & (OPTIONS_CPU | OPTIONS_OFFCPU),
		 OPTION_HAS_PROBE_STACKS},
		{options->events & (OPTIONS_CPU | OPTIONS_OFFCPU), OPTION_HAS_SAMPLES},
		{options->events & OPTIONS_RUNQ, OPTION_HAS_WAITS},
		{options->flight_ns != 0, OPTION_HAS_FLIGHT},
		{options->command != NULL, OPTION_HAS_COMMAND},
		{options_name_file(options), OPTION_HAS_NAMED_FILE},
		{options->always_on.directory != NULL, OPTION_HAS_DIRECTORY},
		{options->always_on.trigger.count != 0, OPTION_HAS_TRIGGER},
		{options->check, OPTION_HAS_CHECK},
		{options->self_test, OPTION_HAS_SELF_TEST},
		{options->user_stack_bytes == 0, OPTION_HAS_NO_USER_STACKS},
	};
	unsigned int provisions = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		provisions |= facts[i].is_true ? facts[i].provision : 0u;
	return provisions;
}

/* A COMMAND such as exit-monitor, which users of diagnose-tools type. */
static void options_check_command(const struct options *options)
{
	const bool has_command = options->command && !options->self_test;
	const char *hint = has_command ? old_words_hint_of_command(options->command[0]) : NULL;

	if (!hint)
		return;
	message("%s: not a program: %s", options->command[0], hint);
	exit(OPTIONS_USAGE_STATUS);
}

/* As perf record has it: what is named by its ID is recorded while COMMAND runs, and not COMMAND,
 * whose ID is not known yet. */
static void options_take_ids(struct options *options)
{
	if (options->command && !options->self_test &&
	    (options->texts[OPTIONS_TEXT_TGID] || options->texts[OPTIONS_TEXT_TID]))
		options->all = true;
}

static void options_finish(struct options *options)
{
	struct filter *filter = &options->filter;
	struct problem problem;

	if (!options->events)
		options->events = OPTIONS_EXIT | OPTIONS_SIGNAL;
	if (options->texts[OPTIONS_TEXT_SIGNALS])
		options_parse_signals(options, options->texts[OPTIONS_TEXT_SIGNALS]);
	else
		filter->signals = UINT64_MAX;
	options_parse_ranges(options, OPTIONS_TEXT_TGID, OPTIONS_PID_MAX, &filter->tgids);
	options_parse_ranges(options, OPTIONS_TEXT_TID, OPTIONS_PID_MAX, &filter->tids);
	options_parse_ranges(options, OPTIONS_TEXT_CPU, OPTIONS_CPU_MAX, &filter->cpus);
	options_parse_ranges(options, OPTIONS_TEXT_UID, OPTIONS_UID_MAX, &filter->uids);
	options_parse_ranges(options, OPTIONS_TEXT_SENDER_TGID, OPTIONS_PID_MAX,
			     &filter->sender_tgids);
	/* The exit of a thread that is named is recorded even if it is not the last one. */
	if (filter->tids.count)
		filter->threads = 1;
	options_check_command(options);
	options_check_directory(options);
	option_set_join(&options->given, &options->section.given);
	option_set_join(&options->given, &options->probes.given);
	option_set_join(&options->given, &options->always_on.given);
	if (!option_rules_check(&options->given, options_provisions(options), &problem)) {
		message("%s", problem.text);
		exit(OPTIONS_USAGE_STATUS);
	}
	options_check_trigger(options);
	options_take_ids(options);
	if (options->output && strcmp(options->output, "-") == 0)
		options_fail("output", "-", "cannot record to standard output: name a file");
	/* Waits for a CPU have no stacks, probes only with --call-graph. */
	if (!(options->events &
	      (OPTIONS_EXIT | OPTIONS_SIGNAL | OPTIONS_SECTION | OPTIONS_CPU | OPTIONS_OFFCPU)) &&
	    !options->probes.user_stacks)
		options->user_stack_bytes = 0;
}

static const struct argp_child options_children[] = {{&section_options_argp, 0, NULL, 2},
						     {&probe_options_argp, 0, NULL, 2},
						     {&output_options_argp, 0, NULL, 2},
						     {0}};

const struct argp options_argp = {
	.options = options_table,
	.parser = options_parse_key,
	.args_doc = "[-- COMMAND [ARG...]]\n--self-test [KIND...]",
	.doc = options_doc,
	.children = options_children,
};

void options_parse(int argc, char **argv, struct options *ret_options)
{
	*ret_options = (struct options){
		.arguments = argv,
		.user_stack_bytes = OPTIONS_USER_STACK_BYTES,
		.unwind_percent = OPTIONS_UNWIND_PERCENT,
		.kill_after_ns = OPTIONS_KILL_AFTER_NS,
		.min_free = {FREE_SPACE_FLOOR_BYTES, FREE_SPACE_FLOOR_PERCENT},
	};
	section_options_init(&ret_options->section);
	output_options_init(&ret_options->always_on);
	argp_err_exit_status = OPTIONS_USAGE_STATUS;
	/* Wrong usage has ended the program already; this is the only other error. */
	if (argp_parse(&options_argp, argc, argv, ARGP_IN_ORDER, NULL, ret_options) != 0) {
		message("out of memory");
		exit(EXIT_FAILURE);
	}
	options_finish(ret_options);
}

bool options_name_file(const struct options *options)
{
	return !options->live || options->output || options->always_on.directory;
}

void options_release(struct options *options)
{
	for (size_t i = 0; i < OPTIONS_TEXT_COUNT; i++)
		free(options->texts[i]);
	section_options_release(&options->section);
	probe_options_release(&options->probes);
}
