/* record/session/section_commands.c - commands about sections, as lines of text */
#include "record/session/section_commands.h"

#include <string.h>

#include "bpf/section.h"
#include "record/options/syscall_rule.h"
#include "text/quantity.h"

#define TID_MAX 4194304u

static bool parse_tid(const char *word, uint32_t *ret_tid)
{
	uint64_t tid;

	if (!word || !quantity_parse_count(word, TID_MAX, &tid) || tid == 0)
		return false;
	*ret_tid = (uint32_t)tid;
	return true;
}

static void command_start(struct section_commands *commands, char *rest, FILE *answer)
{
	char *state = NULL;
	char *tid_word = strtok_r(rest, " \t", &state);
	char *threshold = strtok_r(NULL, " \t", &state);
	uint64_t threshold_ns = 0;
	uint32_t tid;
	bool done;

	if (!parse_tid(tid_word, &tid) || strtok_r(NULL, " \t", &state) ||
	    (threshold && !section_threshold_parse(threshold, &threshold_ns)))
		(void)fprintf(answer, "error: usage: section start TID [MS]\n");
	else if (!section_programs_run_command(commands->programs, SECTION_COMMAND_START, tid,
					       threshold_ns, &done))
		(void)fprintf(answer, "error: thread %u does not exist\n", tid);
	else if (!done)
		(void)fprintf(answer, "error: thread %u is in a section, or filters exclude it\n",
			      tid);
	else
		(void)fprintf(answer, "ok\n");
}

static void command_stop(struct section_commands *commands, char *rest, FILE *answer)
{
	char *state = NULL;
	char *word = strtok_r(rest, " \t", &state);
	uint32_t tid;
	bool done;

	if (!parse_tid(word, &tid) || strtok_r(NULL, " \t", &state))
		(void)fprintf(answer, "error: usage: section stop TID\n");
	else if (!section_programs_run_command(commands->programs, SECTION_COMMAND_STOP, tid, 0,
					       &done))
		(void)fprintf(answer, "error: thread %u does not exist\n", tid);
	else if (!done)
		(void)fprintf(answer, "error: thread %u is in no section\n", tid);
	else
		(void)fprintf(answer, "ok\n");
}

static void command_set(struct section_commands *commands, char *rest, FILE *answer)
{
	struct problem problem;
	struct syscall_rule rule;

	if (!syscall_rule_parse(rest, &rule, &problem) ||
	    !section_programs_add_rule(commands->programs, &rule, &problem))
		(void)fprintf(answer, "error: %s\n", problem.text);
	else
		(void)fprintf(answer, "ok\n");
}

static void command_clear(struct section_commands *commands, char *rest, FILE *answer)
{
	char *state = NULL;
	char *word = strtok_r(rest, " \t", &state);
	const bool is_of_all = word && strcmp(word, "*") == 0;
	uint32_t pid = SECTION_RULE_EVERY;

	if ((!is_of_all && !parse_tid(word, &pid)) || strtok_r(NULL, " \t", &state))
		(void)fprintf(answer, "error: usage: clear-syscall PID|*\n");
	else
		(void)fprintf(answer, "ok %zu\n",
			      section_programs_clear_rules(commands->programs, pid));
}

void section_commands_settings(const struct section_commands *commands, FILE *answer)
{
	const struct section_options *options = &commands->options->section;
	const struct section_failures failures = section_programs_failures(commands->programs);
	const struct section_counts counts = section_programs_count(commands->programs);

	(void)fprintf(answer,
		      "threshold-us %llu\ntimer-us %llu\nbuf-size-k %u\nset-syscall %zu\n"
		      "unmatched-stops %llu\n",
		      (unsigned long long)options->threshold_ns / 1000,
		      (unsigned long long)options->timer_ns / 1000, options->slot_bytes / 1024,
		      counts.rules, (unsigned long long)failures.unmatched_stops);
	(void)fprintf(answer, "uprobes %zu\nthreads %llu\nopen-sections %llu\nsections %llu\n",
		      options->uprobe_count, (unsigned long long)counts.threads,
		      (unsigned long long)counts.open, (unsigned long long)counts.started);
}

bool section_commands_run(struct section_commands *commands, char *line, FILE *answer)
{
	static const struct {
		const char *words;
		void (*run)(struct section_commands *commands, char *rest, FILE *answer);
	} table[] = {
		{"section start", command_start},
		{"section stop", command_stop},
		{"set-syscall", command_set},
		{"clear-syscall", command_clear},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t length = strlen(table[i].words);

		if (strncmp(line, table[i].words, length) != 0 ||
		    (line[length] != ' ' && line[length] != '\0'))
			continue;
		if (commands->programs)
			table[i].run(commands, line + length, answer);
		else
			(void)fputs("error: no sections are recorded: start with -e section\n",
				    answer);
		return true;
	}
	return false;
}
