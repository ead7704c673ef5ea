/* tests/live/dying.h - functions that end the calling process, each in a known way */
#ifndef TESTS_LIVE_DYING_H
#define TESTS_LIVE_DYING_H

#include <sys/types.h>

/* Each is called in a separate process. If one returns, the death did not come. */
void die_exit_0(void);
void die_exit_1(void);
void die_exit_42(void);
void die_exit_255(void);
void die_exit_511(void);
void die_abort(void);
void die_assert(void);
void die_segfault(void);
void die_bus(void);
void die_divide(void);
void die_illegal(void);
void die_trap(void);
void die_stack_overflow(void);
void die_core_dump(void);
void die_raise(void);
void die_alarm(void);
void die_posix_timer(void);
void die_pipe(void);
void die_file_size(void);
void die_io(void);
void die_seccomp(void);
void die_leader_first(void);
void die_worker_exit(void);
void die_worker_raw_exit(void);
void die_worker_exec(void);
void die_out_of_memory(void);
void die_cgroup_kill(void);

/* Waits to be ended by another process, for at most some seconds. */
void die_waiting(void);
void die_waiting_blocked(void);

/* Whether this machine has what these need; if not, *ret_why says what is missing. */
int dying_has_memory_limit(const char **ret_why);
int dying_has_cgroup_kill(const char **ret_why);

#endif
