/* record/options/old_words.c - words of earlier tools, and what diag-record has for them */
#include "record/options/old_words.h"

#include <stddef.h>
#include <string.h>

#include "base/program_path.h"

#define PAGE ": see coming-from.md"
/* Of --call-graph of perf, which has a value. */
#define CALL_GRAPH "--call-graph has no value: it needs neither frame pointers nor DWARF" PAGE

static const struct {
	const char *word;
	const char *hint;
} words[] = {
	{"exit-monitor", "use -e exit,signal, with -c NAME or -p PID" PAGE},
	{"kprobe", "use -e kprobe:FUNCTION -g, with -c NAME, -p PID or -C CPUS" PAGE},
	{"run-trace", "use -e section, with --threshold MS, --set-syscall or --uprobe" PAGE},
	{"sig-info", "use -e signal, with -c NAME or -p PID of the receiver" PAGE},
	{"exitsnoop", "use --live=all -e exit" PAGE},
	{"killsnoop", "use --live -e signal" PAGE},
	{"runqslower", "use -e runq:MS, with -p PID" PAGE},
	{"offcputime", "use -e offcpu, with -p PID" PAGE},
	{"profile", "use -F 99, with -p PID" PAGE},
	{"dwarf", CALL_GRAPH},
	{"fp", CALL_GRAPH},
	{"lbr", CALL_GRAPH},
	{"sigsnoop", "use --live -e signal" PAGE},
};

const char *old_words_hint(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].hint;
	}
	return NULL;
}

const char *old_words_hint_of_command(const char *word)
{
	const char *hint = old_words_hint(word);
	char path[PATH_MAX];

	return hint && !program_path_find(word, path) ? hint : NULL;
}
