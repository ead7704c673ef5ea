/* ctl/command.c - the commands of diag-ctl */
#include "ctl/command.h"

#include <stdio.h>
#include <string.h>

static const struct command {
	const char *words;
	const char *usage;
	size_t least; /* operands */
	size_t most;
} commands[] = {
	{"status", "status", 0, 0},
	{"settings", "settings", 0, 0},
	{"flight write", "flight write", 0, 0},
	{"rotate", "rotate", 0, 0},
	{"section start", "section start TID [MS]", 1, 2},
	{"section stop", "section stop TID", 1, 1},
	{"set-syscall", "set-syscall PID SYSCALL MS", 3, 3},
	{"clear-syscall", "clear-syscall PID|*", 1, 1},
	{"stop", "stop", 0, 0},
};

/* An operand can be several words: "PID SYSCALL MS" as for --set-syscall. */
static bool join(char **words, size_t count, char *line, size_t capacity)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		int length = snprintf(line + used, capacity - used, "%s%s", i ? " " : "", words[i]);

		if (length < 0 || (size_t)length >= capacity - used)
			return false;
		used += (size_t)length;
	}
	return strpbrk(line, "\n\r\t") == NULL;
}

/* Words of earlier tools. What is recorded is decided before privileges are dropped. */
static const char *hint_of(const char *word)
{
	static const char *const words[] = {"activate", "deactivate", "--activate", "--deactivate"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(word, words[i], strlen(words[i])) == 0)
			return "events are chosen when a recording starts: start another "
			       "diag-record beside this one, or use stop";
	}
	return NULL;
}

static size_t count_words(const char *text)
{
	size_t count = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		text += strcspn(text, " ");
		count++;
	}
	return count;
}

static const struct command *find(const char *line)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t length = strlen(commands[i].words);

		if (strncmp(line, commands[i].words, length) == 0 &&
		    (line[length] == ' ' || line[length] == '\0'))
			return &commands[i];
	}
	return NULL;
}

bool command_line(char **words, size_t count, char line[COMMAND_LINE_MAX + 1],
		  struct problem *ret_problem)
{
	const struct command *command;
	size_t operands;

	if (count == 0)
		return problem_set(ret_problem, "no command: use for example status");
	if (!join(words, count, line, COMMAND_LINE_MAX))
		return problem_set(ret_problem, "the command is too long, or has line breaks");
	command = find(line);
	if (!command && hint_of(words[0]))
		return problem_set(ret_problem, "%s: no such command: %s", words[0],
				   hint_of(words[0]));
	if (!command)
		return problem_set(ret_problem,
				   "%s: no such command: use status, settings, flight write, "
				   "rotate, section start, section stop, set-syscall, "
				   "clear-syscall or stop",
				   words[0]);
	operands = count_words(line + strlen(command->words));
	if (operands < command->least || operands > command->most)
		return problem_set(ret_problem, "usage: diag-ctl %s", command->usage);
	memcpy(line + strlen(line), "\n", 2);
	return true;
}
