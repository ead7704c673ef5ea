/* record/output/trigger.h - events that make the recorder write its flight window
 *
 * A trigger is a list of alternatives. An alternative is a set of conditions, which must all hold.
 * They are decided from single records of the kernel, so the sender of an earlier signal, or what a
 * handler did before, is not looked at.
 *
 * A window is due `after_ns` after the event, so that it shows what followed. An event that comes
 * meanwhile is in the same window. For `cooldown_ns` after a window was written, and once
 * `windows_max` were written within an hour, further events are counted but write no window.
 */
#ifndef RECORD_OUTPUT_TRIGGER_H
#define RECORD_OUTPUT_TRIGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define TRIGGER_ALTERNATIVES_MAX 16u
#define TRIGGER_WINDOWS_MAX      60u
#define TRIGGER_REASON_BYTES     160u

enum trigger_class {
	TRIGGER_FAILED = 1,   /* exit code other than 0 */
	TRIGGER_CRASHED = 2,  /* killed by SEGV, BUS, FPE, ILL, TRAP, ABRT or SYS */
	TRIGGER_KILLED = 4,   /* killed by another signal */
	TRIGGER_OOM = 8,      /* chosen by the out-of-memory killer */
	TRIGGER_SECTION = 16, /* a section took at least its threshold */
};

struct trigger_alternative {
	const char *text;            /* as given; borrowed */
	uint32_t class;              /* enum trigger_class; 0: any */
	uint32_t signal;             /* that killed the process; 0: any */
	char comm[EVENT_COMM_BYTES]; /* name of the thread or of the process; empty: any */
	char cgroup[256];            /* path; also groups below it; empty: any */
};

struct trigger {
	struct trigger_alternative alternatives[TRIGGER_ALTERNATIVES_MAX];
	size_t count; /* 0: no trigger */
	uint64_t after_ns;
	uint64_t cooldown_ns;
	uint32_t windows_max; /* an hour, at most TRIGGER_WINDOWS_MAX */
};

struct trigger_state {
	uint64_t event_ns; /* of the event that a window is due for; 0: none */
	uint64_t written_ns[TRIGGER_WINDOWS_MAX]; /* of the latest windows; a ring */
	uint32_t written_count;
	uint64_t left_out; /* events that wrote no window since the last one */
	char reason[TRIGGER_REASON_BYTES];
};

/* Adds an alternative, such as "crashed,comm=nginx". Borrows the text. Returns NULL, or the reason
 * why it is refused. */
const char *trigger_add(struct trigger *trigger, const char *text);

/* Looks at a record of an exit, a section or the out-of-memory killer; ignores all others. `cgroup`
 * is the path of the control group of its process (of the victim); NULL: unknown. */
void trigger_see(const struct trigger *trigger, struct trigger_state *state,
		 const struct event_header *record, const char *cgroup);

/* Whether a window must be written at this time, CLOCK_BOOTTIME. */
bool trigger_is_due(const struct trigger *trigger, const struct trigger_state *state,
		    uint64_t now_ns);

/* Call when the window of the event was written, or could not be. */
void trigger_wrote(struct trigger_state *state, uint64_t now_ns);

#endif
