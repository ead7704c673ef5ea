/* record/common/pid_namespace.h - the pid namespace of this process */
#ifndef RECORD_COMMON_PID_NAMESPACE_H
#define RECORD_COMMON_PID_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the number of the namespace; 0: the initial one, or unknown as /proc is missing. */
uint32_t pid_namespace_own(void);

/* Returns whether the numbers in /proc are those of the namespace of this process. */
bool pid_namespace_has_proc(void);

#endif
