/* record/options/old_words.c - words of earlier tools, and what diag-record has for them */
#include "record/options/old_words.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE ": see coming-from.md"

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

static bool is_in_path(const char *word)
{
	const char *directory = getenv("PATH");
	char path[PATH_MAX];

	while (directory && *directory) {
		int length = (int)strcspn(directory, ":");

		(void)snprintf(path, sizeof(path), "%.*s/%s", length, directory, word);
		if (access(path, X_OK) == 0)
			return true;
		directory += length + (directory[length] == ':');
	}
	return false;
}

const char *old_words_hint_of_command(const char *word)
{
	const char *hint = old_words_hint(word);

	return hint && !is_in_path(word) ? hint : NULL;
}
