/* record/attach/load_log.c - the BPF program or map that the kernel has refused, and why */
#include "record/attach/load_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES  64
#define LINES_BYTES 512
#define LINES_MAX   2
#define LINE_BYTES  (LINES_BYTES / LINES_MAX)

#define BEGIN_MARK "-- BEGIN PROG LOAD LOG --\n"
#define END_MARK   "-- END PROG LOAD LOG --"

#define PROGRAM_MARK "prog '"
#define MAP_MARK     "map '"
#define FAILED_MARK  "': failed to create"

/* The refusal that was noted first: what comes after it is not tried. */
static struct {
	char map[NAME_BYTES];     /* empty: none */
	char program[NAME_BYTES]; /* empty: none */
	char lines[LINES_BYTES];
} refusal;

/* The statistics that the verifier prints at its end. */
static bool is_statistics(const char *line, size_t length)
{
	static const char start[] = "processed ";

	return length >= sizeof(start) - 1 && memcmp(line, start, sizeof(start) - 1) == 0;
}

/* Returns where the last line before `end` begins. */
static const char *line_before(const char *start, const char *end)
{
	while (end > start && end[-1] != '\n')
		end--;
	return end;
}

/* Stores the last lines, divided by "; ". */
static void note_lines(const char *start, const char *end)
{
	const char *lines[LINES_MAX];
	size_t lengths[LINES_MAX], count = 0, used = 0;

	while (end > start && count < LINES_MAX) {
		const char *stop = end[-1] == '\n' ? end - 1 : end;
		const char *line = line_before(start, stop);
		size_t length = (size_t)(stop - line);

		end = line;
		if (length == 0 || is_statistics(line, length))
			continue;
		lines[count] = line;
		lengths[count++] = length < LINE_BYTES ? length : LINE_BYTES;
	}
	while (count-- > 0 && used < sizeof(refusal.lines))
		used += (size_t)snprintf(refusal.lines + used, sizeof(refusal.lines) - used,
					 "%s%.*s", used ? "; " : "", (int)lengths[count],
					 lines[count]);
}

/* Stores what comes before the next quotation mark. */
static void note_name(const char *text, char name[NAME_BYTES])
{
	size_t length = strcspn(text, "'");

	if (length >= NAME_BYTES)
		length = NAME_BYTES - 1;
	memcpy(name, text, length);
	name[length] = '\0';
}

static void note_map(const char *text)
{
	const char *name = strstr(text, MAP_MARK);

	if (!refusal.map[0] && name && strstr(name, FAILED_MARK))
		note_name(name + sizeof(MAP_MARK) - 1, refusal.map);
}

static void note_program(const char *text)
{
	const char *begin = strstr(text, BEGIN_MARK);
	const char *name = strstr(text, PROGRAM_MARK);
	const char *end;

	if (refusal.program[0] || !begin || !name || name > begin)
		return;
	begin += sizeof(BEGIN_MARK) - 1;
	end = strstr(begin, END_MARK);
	note_name(name + sizeof(PROGRAM_MARK) - 1, refusal.program);
	note_lines(begin, end ? end : begin + strlen(begin));
}

void load_log_note(const char *text)
{
	note_map(text);
	note_program(text);
}

static bool is_verbose;

__attribute__((format(printf, 2, 0))) static int print(enum libbpf_print_level level,
						       const char *format, va_list list)
{
	char *text = NULL;

	if (is_verbose || level == LIBBPF_WARN) {
		if (vasprintf(&text, format, list) < 0)
			return 0;
		load_log_note(text);
		if (is_verbose)
			(void)fputs(text, stderr);
		free(text);
	}
	return 0;
}

void load_log_begin(bool verbose)
{
	memset(&refusal, 0, sizeof(refusal));
	is_verbose = verbose;
	libbpf_set_print(print);
}

void load_log_print(const char *line)
{
	if (is_verbose)
		(void)fputs(line, stderr);
}

bool load_log_explain(struct problem *ret_problem)
{
	if (!refusal.program[0])
		return false;
	problem_set(ret_problem,
		    "cannot load BPF programs: this kernel's verifier refuses %s: %s: use a kernel "
		    "that was tested, or report this with what --verbose prints",
		    refusal.program, refusal.lines);
	return true;
}

const char *load_log_map(void)
{
	return refusal.map[0] ? refusal.map : NULL;
}
