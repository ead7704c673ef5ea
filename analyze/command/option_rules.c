/* analyze/command/option_rules.c - which options of diag-report have an effect together */
#include "analyze/command/option_rules.h"

#include <string.h>

#define MODE(name) (1u << OPTION_MODE_##name)

#define IN_ALL                                                                                     \
	(MODE(ANSWERS) | MODE(TABLES) | MODE(EVENTS) | IN_EXPORTS | IN_FILES | MODE(FOLLOW) |      \
	 MODE(HTML) | MODE(VERSION))
#define IN_EXPORTS (MODE(JSON) | MODE(BY) | MODE(DIFF) | MODE(ROWS) | MODE(PERFETTO))
#define IN_FILES   (MODE(INFO) | MODE(VERIFY) | MODE(COPY))
#define IN_TEXTS   (MODE(ANSWERS) | MODE(TABLES) | MODE(EVENTS))
/* Reports that filters have an effect on. */
#define IN_EVENTS (IN_TEXTS | IN_EXPORTS | MODE(INFO) | MODE(FOLLOW) | MODE(HTML))

/* Switches for what is so anyway have an effect everywhere. */
static const struct {
	const char *name;
	uint32_t modes;
} rules[] = {
	{"tables", MODE(TABLES)},
	{"tree", MODE(ANSWERS)},
	{"events", MODE(EVENTS)},
	{"json", MODE(JSON) | MODE(BY) | MODE(DIFF) | MODE(FOLLOW)},
	{"follow", MODE(FOLLOW)},
	{"info", MODE(INFO)},
	{"verify", MODE(VERIFY)},
	{"by", MODE(BY)},
	{"diff", MODE(DIFF)},
	{"rows", MODE(ROWS)},
	{"jobs", MODE(ROWS)},
	{"perfetto", MODE(PERFETTO)},
	{"tree", MODE(ANSWERS)},
	{"top", MODE(ANSWERS) | MODE(TABLES) | MODE(BY)},
	{"stacks", IN_TEXTS},
	{"no-stacks", IN_TEXTS | MODE(JSON) | MODE(FOLLOW)},
	{"event", IN_TEXTS | MODE(JSON) | MODE(INFO) | MODE(FOLLOW) | MODE(HTML)},
	{"since", IN_EVENTS},
	{"until", IN_EVENTS},
	{"tgid", IN_EVENTS},
	{"tid", IN_EVENTS},
	{"uid", IN_EVENTS},
	{"cpu", IN_EVENTS},
	{"comm", IN_EVENTS},
	{"cgroup", IN_EVENTS},
	{"signals", IN_EVENTS},
	{"failed", IN_EVENTS},
	{"utc", IN_ALL},
	{"files-from", IN_TEXTS | IN_EXPORTS | IN_FILES | MODE(HTML)},
	{"debug-dir", IN_TEXTS | MODE(JSON) | MODE(BY) | MODE(ROWS) | MODE(COPY)},
	{"debuginfod", IN_TEXTS | MODE(JSON) | MODE(BY) | MODE(ROWS) | MODE(COPY)},
	{"repair", MODE(COPY)},
	{"scrub", MODE(COPY)},
	{"add-lines", MODE(COPY)},
	{"output", MODE(COPY) | MODE(ROWS)},
	{"force", MODE(COPY) | MODE(ROWS) | MODE(PERFETTO) | MODE(HTML)},
	{"html", MODE(HTML)},
	{"with-command", MODE(HTML)},
	{"no-pager", IN_ALL},
	{"verbose", IN_ALL},
	{"version", MODE(VERSION)},
};

static const char *const mode_names[] = {
	[OPTION_MODE_ANSWERS] = "the answers",
	[OPTION_MODE_TABLES] = "--tables",
	[OPTION_MODE_EVENTS] = "--events",
	[OPTION_MODE_JSON] = "--json",
	[OPTION_MODE_INFO] = "--info",
	[OPTION_MODE_VERIFY] = "--verify",
	[OPTION_MODE_BY] = "--by",
	[OPTION_MODE_DIFF] = "--diff",
	[OPTION_MODE_ROWS] = "--rows",
	[OPTION_MODE_PERFETTO] = "--perfetto",
	[OPTION_MODE_COPY] = "a copy",
	[OPTION_MODE_FOLLOW] = "--follow",
	[OPTION_MODE_HTML] = "--html",
	[OPTION_MODE_VERSION] = "--version",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void note(struct option_rules *given, const char *name)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (strcmp(rules[i].name, name) == 0)
			given->given |= UINT64_C(1) << i;
}

void option_rules_note(struct option_rules *given, const struct argp_option *options, int key)
{
	for (const struct argp_option *option = options; option->name || option->doc; option++)
		if (option->name && option->key == key && key != 0)
			note(given, option->name);
}

const char *option_rules_refused(const struct option_rules *given, enum option_mode mode)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (given->given >> i & 1 && !(rules[i].modes >> mode & 1))
			return rules[i].name;
	return NULL;
}

const char *option_rules_mode_name(enum option_mode mode)
{
	return mode_names[mode];
}
