/* analyze/cause/signal_kind.h - the kind of cause that a signal is */
#ifndef ANALYZE_CAUSE_SIGNAL_KIND_H
#define ANALYZE_CAUSE_SIGNAL_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"

/* SI_KERNEL, which the headers of libc do not always define. */
#define SIGNAL_CODE_KERNEL 0x80

/* Bits of field value of kind signal, for a fault (dz(5)). */
#define SIGNAL_VALUE_ACCESS  3u
#define SIGNAL_VALUE_NO_ROOM 4u
#define SIGNAL_VALUE_NOWHERE 8u

/* Returns the kind of a death by a signal whose generation is in the trace. */
enum cause_kind signal_kind_of_generated(const struct cause_signal *signal);

/* The same for a signal of which the trace contains only the delivery to `task`, such as one that
 * was generated before the recording began. */
enum cause_kind signal_kind_of_delivered(const struct dz_delivery *row, const struct dz_task *task);

/* Returns whether a system call executes a program, by its name. If it fails too late to return an
 * error, the kernel ends it with a signal. */
bool signal_kind_is_exec(const char *system_call);

/* Returns whether the process sent the signal to itself. */
bool signal_kind_is_own(enum cause_kind kind);

/* Returns the number of the signal that a thread took. The kernel wakes all threads of a group that
 * it ends with SIGKILL, for any reason; then this is the reason, 0 for an exit or exec. */
uint32_t signal_kind_number(const struct dz_delivery *row);

#endif
