/* record/options/syscall_rule.h - a rule of --set-syscall: a system call that is a section */
#ifndef RECORD_OPTIONS_SYSCALL_RULE_H
#define RECORD_OPTIONS_SYSCALL_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

struct syscall_rule {
	uint32_t pid; /* of a process or of any of its threads, as typed; 0: every process */
	int32_t system_call;
	uint64_t threshold_ns;
};

/* Parses "PID SYSCALL MS", such as "1234 read 900", "1234 35 900" or "1234 futex 250us", or with *
 * for every process. A
 * threshold without a unit is in ms. For any other text, returns false, leaves *ret_rule unchanged
 * and sets *ret_problem to the reason, with similar names for a system call that does not exist. */
bool syscall_rule_parse(const char *text, struct syscall_rule *ret_rule,
			struct problem *ret_problem);

/* Parses "100", "2.5ms", "250us" or "1s". A time without a unit is in ms. Returns false for any
 * other text. */
bool section_threshold_parse(const char *text, uint64_t *ret_ns);

/* Returns the process that a thread belongs to; the number itself if there is no such thread. */
uint32_t syscall_rule_process(uint32_t tid);

#endif
