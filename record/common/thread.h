/* record/common/thread.h - threads beside the first one */
#ifndef RECORD_COMMON_THREAD_H
#define RECORD_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that no signal is for: the first one waits for them. False if there is none to be
 * had. On success pthread_join() has to follow. */
bool thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context);

#endif
