/* record/common/thread.h - additional threads */
#ifndef RECORD_COMMON_THREAD_H
#define RECORD_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread in which all signals are blocked; the first thread waits for them. Returns false
 * on failure. On success the caller must call pthread_join(). */
bool thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context);

#endif
