/* analyze/cause/cause.h - why a process ended, as data */
#ifndef ANALYZE_CAUSE_CAUSE_H
#define ANALYZE_CAUSE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* In the order in which a person wants to hear of them: worst first. */
enum cause_kind {
	CAUSE_OOM,            /* the out-of-memory killer */
	CAUSE_FAULT,          /* a fault of the program: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP */
	CAUSE_ABORT,          /* SIGABRT raised by itself */
	CAUSE_SECCOMP,        /* a system call that its filter forbids */
	CAUSE_SIGNAL,         /* sent by another process */
	CAUSE_UNKNOWN,        /* a signal of which the trace holds no more than its number */
	CAUSE_CGROUP_KILL,    /* its control group was killed as a whole */
	CAUSE_RESOURCE_LIMIT, /* of CPU time or file size */
	CAUSE_KERNEL,         /* sent by the kernel for another reason */
	CAUSE_PID_NAMESPACE,  /* the first process of its pid namespace ended */
	CAUSE_PARENT_DEATH,   /* its parent ended, of which it wanted to be told by a signal */
	CAUSE_RAISED,         /* sent to itself */
	CAUSE_TIMER,          /* a timer of its own */
	CAUSE_IO,             /* SIGIO, for a file that it watches */
	CAUSE_CHILD,          /* by the end of a child, with a signal that kills */
	CAUSE_TERMINAL,       /* hang-up of the terminal, or a key pressed there */
	CAUSE_PIPE,           /* SIGPIPE */
	CAUSE_EXIT_CODE,      /* ended by itself with a code other than 0 */
	CAUSE_EXIT,           /* ended by itself with code 0 */
	CAUSE_GROUP_EXIT,     /* a thread: another thread ended the whole process */
	CAUSE_EXEC,           /* a thread: another thread executed a program */
	CAUSE_THREAD_EXIT,    /* a thread: it ended by itself, alone */
	CAUSE_KINDS,          /* how many there are */
};

/* A row that belongs to the ids of a file. */
struct cause_signal {
	const struct trace_file *file; /* NULL: not in the trace */
	struct dz_signal row;
};

struct cause_delivery {
	const struct trace_file *file; /* NULL: not in the trace */
	struct dz_delivery row;
};

struct cause_oom {
	const struct trace_file *file; /* NULL: not in the trace */
	struct dz_oom row;
};

/* The thread that ended its whole process. */
struct cause_culprit {
	const struct trace_file *file; /* NULL: not known, or the thread that exits itself */
	uint64_t task;
	uint64_t user_stack;
};

/* A stack in the ids of its file. */
struct cause_stack {
	const struct trace_file *file;
	uint64_t stack; /* 0: none */
};

struct cause {
	enum cause_kind kind;
	uint32_t signal;    /* that ended it; 0 if none did */
	uint32_t exit_code; /* 0 if a signal did */
	bool core_dumped;
	uint64_t pending_ns; /* from the signal's generation until it was taken */
	struct cause_signal generated;
	struct cause_delivery delivery;
	struct cause_oom oom;
	bool by_other_thread; /* that called exit(), which culprit names if it is known */
	struct cause_culprit culprit;
	/* Where the thread was that is to blame: that took the signal, called exit(), or (if
	 * neither is known) ended. */
	struct cause_stack user;
};

/* The word for it in JSON: "oom", "fault", ... Static. */
const char *cause_kind_name(enum cause_kind kind);

/* The task that sent the signal, in the ids of generated.file; NULL if it is not known or if the
 * kernel sent it on its own. */
const struct dz_task *cause_sender(const struct cause *cause);

#endif
