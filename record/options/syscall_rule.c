/* record/options/syscall_rule.c - a rule of --set-syscall: a system call that is a section */
#include "record/options/syscall_rule.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/system_call.h"
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
	char path[32], line[128];
	unsigned long process = tid;
	FILE *status;

	(void)snprintf(path, sizeof(path), "/proc/%u/status", tid);
	status = fopen(path, "re");
	if (!status)
		return tid;
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, key, sizeof(key) - 1) == 0) {
			process = strtoul(line + sizeof(key) - 1, NULL, 10);
			break;
		}
	}
	(void)fclose(status);
	return (uint32_t)process;
}
