/* record/options/syscall_rule.c - a rule of --set-syscall: a system call that is a section */
#include "record/options/syscall_rule.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/system_call.h"
#include "base/line_reader.h"
#include "bpf/event.h"
#include "text/quantity.h"
#include "text/similar_names.h"

#define SECTION_RULE_TEXT_MAX 128u
#define SECTION_PID_MAX       4194304u
#define SECTION_MS_MAX        1000000000u
#define SECTION_RULE_WORDS    3u
#define SECTION_RULE_USAGE                                                                         \
	"not \"PID SYSCALL MS\": use for example \"1234 read 100\" or \"* fsync 20\""
#define SECTION_CALLS_MAX 1024
#define NS_PER_MS         1000000u

bool section_threshold_parse(const char *text, uint64_t *ret_ns)
{
	uint64_t ms;

	if (quantity_parse_count(text, SECTION_MS_MAX, &ms)) {
		*ret_ns = ms * NS_PER_MS;
		return true;
	}
	/* quantity_parse_duration() takes a number without a unit, such as 2.5, as seconds. */
	if (text[strspn(text, "0123456789.")] == '\0')
		return false;
	return quantity_parse_duration(text, ret_ns);
}

/* Names of this machine's system calls that are like the word. */
static void fail_unknown_call(const char *word, struct problem *ret_problem)
{
	char names[SIMILAR_NAMES_TEXT_MAX];
	struct similar_names similar;

	similar_names_begin(&similar, word);
	for (int32_t number = 0; number < SECTION_CALLS_MAX; number++)
		similar_names_offer(&similar, system_call_name(EM_X86_64, number).text);
	similar_names_text(&similar, names);
	(void)problem_set(ret_problem, "no system call %s%s%s", word,
			  names[0] ? ": did you mean " : "", names);
}

static bool parse_words(char *const words[SECTION_RULE_WORDS], struct syscall_rule *ret_rule,
			struct problem *ret_problem)
{
	uint64_t number = 0;

	if (strcmp(words[0], "*") != 0 &&
	    (!quantity_parse_count(words[0], SECTION_PID_MAX, &number) || number == 0))
		return problem_set(ret_problem, "%s is not a process ID", words[0]);
	ret_rule->pid = (uint32_t)number;
	if (!system_call_parse(EM_X86_64, words[1], &ret_rule->system_call)) {
		fail_unknown_call(words[1], ret_problem);
		return false;
	}
	if (!section_threshold_parse(words[2], &ret_rule->threshold_ns))
		return problem_set(ret_problem,
				   "%s is not a time: use for example 100 (ms) or 250us", words[2]);
	return true;
}

bool syscall_rule_parse(const char *text, struct syscall_rule *ret_rule,
			struct problem *ret_problem)
{
	char copy[SECTION_RULE_TEXT_MAX];
	char *words[SECTION_RULE_WORDS];
	size_t size = strlen(text) + 1;
	struct syscall_rule rule;
	char *state = NULL, *word;
	size_t count = 0;

	if (size > sizeof(copy))
		return problem_set(ret_problem, "%s", SECTION_RULE_USAGE);
	memcpy(copy, text, size);
	for (word = strtok_r(copy, " \t", &state); word; word = strtok_r(NULL, " \t", &state)) {
		if (count == SECTION_RULE_WORDS)
			return problem_set(ret_problem, "%s", SECTION_RULE_USAGE);
		words[count++] = word;
	}
	if (count < SECTION_RULE_WORDS)
		return problem_set(ret_problem, "%s", SECTION_RULE_USAGE);
	if (!parse_words(words, &rule, ret_problem))
		return false;
	*ret_rule = rule;
	return true;
}

uint32_t syscall_rule_process(uint32_t tid)
{
	static const char key[] = "Tgid:";
	const struct line_limits limits = {.line_bytes = SECTION_RULE_TEXT_MAX};
	unsigned long process = tid;
	struct line_reader reader;
	struct line line;
	char path[32];
	int fd;

	if (tid == SECTION_RULE_EVERY)
		return tid;
	(void)snprintf(path, sizeof(path), "/proc/%u/status", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tid;
	if (line_reader_open(&reader, fd, &limits) == LINE_OK) {
		while (process == tid && line_reader_next(&reader, &line) == LINE_OK) {
			if (strncmp(line.text, key, sizeof(key) - 1) == 0)
				process = strtoul(line.text + sizeof(key) - 1, NULL, 10);
		}
		line_reader_close(&reader);
	}
	(void)close(fd);
	return (uint32_t)process;
}
