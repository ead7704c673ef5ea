/* analyze/replay/selection.c - the options that select events, shared by all analysers */
#define _GNU_SOURCE
#include "analyze/replay/selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "base/array.h"
#include <dz/schema.h>

#define BIT(kind)    (UINT64_C(1) << (kind))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Options without a letter. */
enum {
	OPTION_SINCE = 0x100,
	OPTION_UNTIL,
	OPTION_CGROUP,
	OPTION_UID,
	OPTION_SIGNALS,
	OPTION_FAILED,
	OPTION_UTC,
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Which events (all by default):", 1},
	{"event", 'e', "LIST", 0,
	 "Only events of the kinds in LIST: exit, signal, delivery, oom, section, step, phase, "
	 "section_histogram, runq, cpu, offcpu, kprobe, kretprobe, tracepoint, uprobe, uretprobe, "
	 "usdt",
	 1},
	{"since", OPTION_SINCE, "TIME", 0,
	 "Only events at or after TIME, such as 2026-08-20 14:02:11, 14:02, @SECONDS, +5s (after "
	 "the start), -10s (before the end)",
	 1},
	{"until", OPTION_UNTIL, "TIME", 0, "Only events before TIME", 1},
	{"tgid", 'p', "LIST", 0, "Only processes in LIST (for signals: the receivers)", 1},
	{"tid", 't', "LIST", 0, "Only threads in LIST", 1},
	{"uid", OPTION_UID, "LIST", 0, "Only users in LIST", 1},
	{"cpu", 'C', "LIST", 0, "Only events on CPUs in LIST", 1},
	{"comm", 'c', "NAME", 0, "Only threads or processes with this name", 1},
	{"cgroup", OPTION_CGROUP, "PATH", 0,
	 "Only this control group and those below it, or a container by its id", 1},
	{"signals", OPTION_SIGNALS, "LIST", 0,
	 "Only signals, and deaths by signals, in LIST: TERM,KILL, 1-15, RTMIN-RTMAX", 1},
	{"failed", OPTION_FAILED, NULL, 0, "Only exits by a signal or with a code other than 0", 1},
	{"utc", OPTION_UTC, NULL, 0, "Use UTC for times, typed and printed", 1},
	{0},
};

/* The kinds as words of -e. A word that is neither a kind nor NONE does not compile. */
#define WORD(number, NAME, name, subject, select, meaning) WORD_##name,
enum word { DZ_KINDS(WORD) WORD_NONE };

#define KIND_NAME(number, NAME, name, subject, select, meaning)                                    \
	{#name, BIT(number), WORD_##name, WORD_##select},
static const struct {
	const char *name;
	uint64_t bit;
	enum word word;
	enum word selector; /* that selects this kind as well; WORD_NONE: it cannot be selected */
} kind_names[] = {DZ_KINDS(KIND_NAME)};

/* Words of -e that stand for a kind with another name. */
static const struct {
	const char *word;
	const char *name;
} synonyms[] = {
	{"run", "section"}, /* as in diagnose-tools */
};

/* Patterns for the types of probes. The type is the part of a probe's name before the colon. */
static const char *const probe_sources[] = {"kprobe:*", "kretprobe:*", "tracepoint:*", "fentry:*",
					    "fexit:*",  "uprobe:*",    "uretprobe:*",  "usdt:*"};

static void add_text(struct argp_state *state, struct selection_texts *texts, const char *text)
{
	const char **grown = array_grow(texts->texts, &texts->capacity, texts->count + 1,
					sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown) {
		argp_failure(state, 1, 0, "out of memory");
		return;
	}
	texts->texts = grown;
	grown[texts->count++] = text;
}

/* Adds "kprobe" or "kprobe:vfs_*". Returns false if `name` does not start with a type of probe. */
static bool add_probe(struct argp_state *state, struct selection *selection, const char *name)
{
	for (size_t i = 0; i < COUNT(probe_sources); i++) {
		size_t length = strlen(probe_sources[i]) - strlen(":*");

		if (strncmp(name, probe_sources[i], length) != 0)
			continue;
		if (name[length] != '\0' && name[length] != ':')
			continue;
		selection->kinds |= BIT(DZ_KIND_PROBE);
		add_text(state, &selection->probes, name[length] ? name : probe_sources[i]);
		return true;
	}
	return false;
}

/* Returns the kinds that a word of -e selects. 0: the word does not name a kind that can be
 * selected. */
static uint64_t find_kinds(const char *word)
{
	enum word found = WORD_NONE;
	uint64_t kinds = 0;

	for (size_t i = 0; i < COUNT(synonyms); i++)
		if (strcmp(word, synonyms[i].word) == 0)
			word = synonyms[i].name;
	for (size_t i = 0; i < COUNT(kind_names); i++)
		if (kind_names[i].selector != WORD_NONE && strcmp(word, kind_names[i].name) == 0)
			found = kind_names[i].word;
	for (size_t i = 0; i < COUNT(kind_names) && found != WORD_NONE; i++)
		if (kind_names[i].word == found || kind_names[i].selector == found)
			kinds |= kind_names[i].bit;
	return kinds;
}

static void add_kind(struct argp_state *state, struct selection *selection, const char *name)
{
	uint64_t kinds = find_kinds(name);

	selection->kinds |= kinds;
	if (kinds == 0 && !add_probe(state, selection, name))
		argp_error(state, "--event %s: not a kind of event: see --help", name);
}

/* The words stay in argv, where NULs replace the commas. */
static void add_kinds(struct argp_state *state, struct selection *selection, char *list)
{
	char *rest = list;

	while (rest)
		add_kind(state, selection, strsep(&rest, ","));
}

static void parse_ids(struct argp_state *state, const char *option, const char *text,
		      struct id_list *list)
{
	id_list_release(list);
	*list = (struct id_list){0};
	if (!id_list_parse(text, UINT32_MAX, list))
		argp_error(state, "%s %s: not a list of numbers: use a form such as 1,200-300",
			   option, text);
}

/* Called after all options are parsed, since --utc can follow the time. */
static void parse_time(struct argp_state *state, const char *option, const char *text,
		       struct timestamp *timestamp)
{
	const struct selection *selection = state->input;

	if (text && !timestamp_parse(text, selection->utc, timestamp))
		argp_error(state,
			   "%s %s: not a time: use a form such as 14:02:11, 2026-08-20 14:02, "
			   "+5s (after the start) or -10m (before the last event)",
			   option, text);
}

static void parse_signals(struct argp_state *state, const char *text, uint64_t *signals)
{
	if (!signal_parse_set(text, signals))
		argp_error(
			state,
			"--signals %s: not a list of signals: use a form such as TERM,KILL,34-64",
			text);
}

/* Parses the options that take lists and names. Returns false for other keys. */
static bool parse_filter(int key, char *text, struct argp_state *state, struct selection *selection)
{
	switch (key) {
	case 'p':
		parse_ids(state, "--tgid", text, &selection->tgids);
		return true;
	case 't':
		parse_ids(state, "--tid", text, &selection->tids);
		return true;
	case 'C':
		parse_ids(state, "--cpu", text, &selection->cpus);
		return true;
	case OPTION_UID:
		parse_ids(state, "--uid", text, &selection->uids);
		return true;
	case 'c':
		add_text(state, &selection->comms, text);
		return true;
	case OPTION_CGROUP:
		add_text(state, &selection->cgroups, text);
		return true;
	case OPTION_SIGNALS:
		parse_signals(state, text, &selection->signals);
		return true;
	default:
		return false;
	}
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct selection *selection = state->input;

	if (parse_filter(key, text, state, selection))
		return 0;
	switch (key) {
	case 'e':
		add_kinds(state, selection, text);
		return 0;
	case OPTION_SINCE:
		selection->since_text = text;
		return 0;
	case OPTION_UNTIL:
		selection->until_text = text;
		return 0;
	case OPTION_FAILED:
		selection->failed = true;
		return 0;
	case OPTION_UTC:
		selection->utc = true;
		return 0;
	case ARGP_KEY_END:
		parse_time(state, "--since", selection->since_text, &selection->since);
		parse_time(state, "--until", selection->until_text, &selection->until);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp selection_argp = {.options = options, .parser = parse_option};

static void describe_ids(FILE *out, const char *option, const struct id_list *list)
{
	if (list->count > 0)
		fprintf(out, " %s ", option);
	for (size_t i = 0; i < list->count; i++) {
		fprintf(out, "%s%" PRIu32, i > 0 ? "," : "", list->ranges[i].first);
		if (list->ranges[i].last != list->ranges[i].first)
			fprintf(out, "-%" PRIu32, list->ranges[i].last);
	}
}

static void describe_texts(FILE *out, const char *option, const struct selection_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		fprintf(out, " %s %s", option, texts->texts[i]);
}

static void describe_time(FILE *out, const char *option, const struct timestamp *timestamp)
{
	static const char *const prefixes[] = {
		[TIMESTAMP_NONE] = "", [TIMESTAMP_UNIX] = "",       [TIMESTAMP_START] = "+",
		[TIMESTAMP_END] = "-", [TIMESTAMP_CLOCK_TIME] = "",
	};

	if (timestamp->base == TIMESTAMP_NONE)
		return;
	if (timestamp->base == TIMESTAMP_UNIX)
		fprintf(out, " %s %s", option, timestamp_exact(timestamp->ns).text);
	else
		fprintf(out, " %s %s%s", option, prefixes[timestamp->base],
			timestamp_lifetime(timestamp->ns).text);
}

static void describe_signals(FILE *out, uint64_t signals)
{
	const char *separator = " --signals ";

	for (uint32_t number = 1; number <= SIGNAL_LARGEST; number++) {
		if (!(signals & UINT64_C(1) << (number - 1)))
			continue;
		fprintf(out, "%s%s", separator, signal_name(number).text + strlen("SIG"));
		separator = ",";
	}
}

static void describe_kinds(FILE *out, const struct selection *selection)
{
	const struct dz_kind_schema *kinds;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		if (kinds[i].kind == DZ_KIND_PROBE && selection->probes.count > 0)
			continue;
		/* The tasks of a wait are selected with it. */
		if (kinds[i].kind == DZ_KIND_RUNQ_HOLDER && selection->kinds & BIT(DZ_KIND_RUNQ))
			continue;
		if (selection->kinds & BIT(kinds[i].kind))
			fprintf(out, " -e %s", kinds[i].name);
	}
	describe_texts(out, "-e", &selection->probes);
}

static void describe(FILE *out, const struct selection *selection)
{
	describe_kinds(out, selection);
	describe_time(out, "--since", &selection->since);
	describe_time(out, "--until", &selection->until);
	describe_ids(out, "--tgid", &selection->tgids);
	describe_ids(out, "--tid", &selection->tids);
	describe_texts(out, "--comm", &selection->comms);
	describe_texts(out, "--cgroup", &selection->cgroups);
	describe_ids(out, "--uid", &selection->uids);
	describe_ids(out, "--cpu", &selection->cpus);
	describe_signals(out, selection->signals);
	if (selection->failed)
		fputs(" --failed", out);
}

char *selection_describe(const struct selection *selection)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	describe(out, selection);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	if (size > 0)
		memmove(text, text + 1, size); /* removes the first space, keeps the NUL */
	return text;
}

void selection_release(struct selection *selection)
{
	id_list_release(&selection->tgids);
	id_list_release(&selection->tids);
	id_list_release(&selection->uids);
	id_list_release(&selection->cpus);
	free(selection->probes.texts);
	free(selection->comms.texts);
	free(selection->cgroups.texts);
}
