/* record/attach/verifier_log.c - why the kernel's verifier refused a BPF program */
#include "record/attach/verifier_log.h"

#include <stdio.h>
#include <string.h>

#define LOG_PREFIX "libbpf: prog '"
#define LOG_BEGIN  "': -- BEGIN PROG LOAD LOG --\n"
#define LOG_END    "-- END PROG LOAD LOG --"
/* The last line of the verifier counts instructions. */
#define LOG_COUNT "processed "

/* Returns the start of the line that ends at `end`, which is behind its line feed. */
static const char *line_before(const char *begin, const char *end)
{
	const char *start = end - 1;

	while (start > begin && start[-1] != '\n')
		start--;
	return start;
}

/* Returns the end of the lines that give the reason. */
static const char *reason_end(const char *begin)
{
	const char *end = strstr(begin, LOG_END);
	const char *last;

	if (!end)
		end = begin + strlen(begin);
	while (end > begin) {
		last = line_before(begin, end);
		if (*last != '\n' && strncmp(last, LOG_COUNT, strlen(LOG_COUNT)) != 0)
			break;
		end = last;
	}
	return end;
}

void verifier_log_read(struct verifier_log *log, const char *message)
{
	const char *name = message + strlen(LOG_PREFIX), *begin, *end, *last, *first;

	if (log->program[0] || strncmp(message, LOG_PREFIX, strlen(LOG_PREFIX)) != 0)
		return;
	begin = strstr(name, LOG_BEGIN);
	if (!begin)
		return;
	(void)snprintf(log->program, sizeof(log->program), "%.*s", (int)(begin - name), name);
	begin += strlen(LOG_BEGIN);
	end = reason_end(begin);
	if (end == begin)
		return;
	last = line_before(begin, end);
	first = last > begin ? line_before(begin, last) : last;
	(void)snprintf(log->reason, sizeof(log->reason), "%.*s%s%.*s",
		       first < last ? (int)(last - first - 1) : 0, first, first < last ? "; " : "",
		       (int)(end - last - (end[-1] == '\n')), last);
}
