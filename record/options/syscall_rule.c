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
#include "text/quantity.h"

#define SECTION_RULE_TEXT_MAX 128u
#define SECTION_PID_MAX       4194304u
#define SECTION_MS_MAX        1000000000u
#define NS_PER_MS             1000000u

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

bool syscall_rule_parse(const char *text, struct syscall_rule *ret_rule)
{
	char copy[SECTION_RULE_TEXT_MAX];
	char *state = NULL, *pid, *call, *threshold;
	size_t size = strlen(text) + 1;
	struct syscall_rule rule;
	uint64_t number;

	if (size > sizeof(copy))
		return false;
	memcpy(copy, text, size);
	pid = strtok_r(copy, " \t", &state);
	call = strtok_r(NULL, " \t", &state);
	threshold = strtok_r(NULL, " \t", &state);
	if (!pid || !call || !threshold || strtok_r(NULL, " \t", &state))
		return false;
	if (!quantity_parse_count(pid, SECTION_PID_MAX, &number) || number == 0 ||
	    !system_call_parse(EM_X86_64, call, &rule.system_call) ||
	    !section_threshold_parse(threshold, &rule.threshold_ns))
		return false;
	rule.pid = (uint32_t)number;
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
