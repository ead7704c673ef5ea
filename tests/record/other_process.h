/* tests/record/other_process.h - helper processes that a test stops or ends */
#ifndef TESTS_RECORD_OTHER_PROCESS_H
#define TESTS_RECORD_OTHER_PROCESS_H

#include <sys/types.h>

/* Returns the newest process that answers requests of a file reader, which the main thread has
 * started last. There is one after the first request. Fails the test if there is none. */
pid_t reader_process(void);

/* Stops a process, and waits until it has stopped: from here on it answers nothing, as if a file
 * system did not. Fails the test after a minute. */
void other_process_stop(pid_t pid);

/* Lets a stopped process continue. Fails the test if there is no such process. */
void other_process_continue(pid_t pid);

/* Kills a process, and waits until it has ended and its sockets are closed. Fails the test after a
 * minute. */
void other_process_kill(pid_t pid);

#endif
