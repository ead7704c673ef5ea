/* record/options/syscall_rule.h - system calls that are sections when a process makes them: "PID
 * SYSCALL MS" */
#ifndef RECORD_OPTIONS_SYSCALL_RULE_H
#define RECORD_OPTIONS_SYSCALL_RULE_H

#include <stdbool.h>
#include <stdint.h>

struct syscall_rule {
	uint32_t pid; /* of a process or of any of its threads, as it was typed */
	int32_t system_call;
	uint64_t threshold_ns;
};

/* "1234 read 900", "1234 35 900", "1234 futex 250us": a threshold without a unit is in ms. False,
 * with *ret_rule untouched, if the text is anything else. */
bool syscall_rule_parse(const char *text, struct syscall_rule *ret_rule);

/* "100", "2.5ms", "250us", "1s": a time without a unit is in ms. */
bool section_threshold_parse(const char *text, uint64_t *ret_ns);

/* The process that a thread belongs to; the number itself if there is no such thread. */
uint32_t syscall_rule_process(uint32_t tid);

#endif
