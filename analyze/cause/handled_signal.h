/* analyze/cause/handled_signal.h - joins the end of a process with a signal that it handled
 *
 * Only signals from elsewhere count: from another process, the kernel, a terminal, a fault. A
 * signal that the process sent to itself, a timer and the end of a child explain nothing.
 */
#ifndef ANALYZE_CAUSE_HANDLED_SIGNAL_H
#define ANALYZE_CAUSE_HANDLED_SIGNAL_H

#include <stdbool.h>

#include "analyze/cause/cause.h"
#include "analyze/cause/process_table.h"

/* The thread that ended its process, and when. */
struct ending_thread {
	uint32_t tid; /* 0: unknown */
	uint64_t time;
};

/* Returns whether a signal that a handler took was sent by the process itself while or after it
 * handled the same one from elsewhere. It must not displace that one. */
bool handled_signal_is_repeated(const struct process *process,
				const struct process_handled *handled);

/* Completes the cause of a death by a signal that the process sent to itself, or that the kernel
 * sent as a handler could not run. `cause` has its kind, signals and user stack. Sets handling and
 * handled; for a signal that was raised again, also kind, generated and delivery. */
void handled_signal_join_death(struct cause *cause, const struct process *process);

/* Sets handling and handled of the cause of an exit. `cause` has its user stack. */
void handled_signal_join_exit(struct cause *cause, const struct process *process,
			      const struct ending_thread *thread);

#endif
