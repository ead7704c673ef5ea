/* analyze/cause/cause.h - cause of the end of a process or thread */
#ifndef ANALYZE_CAUSE_CAUSE_H
#define ANALYZE_CAUSE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/system_call.h"
#include "analyze/trace/trace.h"

/* The classes of exits, the most serious first. */
enum cause_class {
	CAUSE_CLASS_OOM,
	CAUSE_CLASS_CRASHED,
	CAUSE_CLASS_KILLED,
	CAUSE_CLASS_FAILED,
	CAUSE_CLASS_CLEAN,
	CAUSE_CLASSES, /* number of classes */
};

/* In the order in which they are shown: the most serious first. */
enum cause_kind {
	CAUSE_OOM,            /* the out-of-memory killer */
	CAUSE_FAULT,          /* a fault in the process: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP */
	CAUSE_ABORT,          /* the process sent SIGABRT to itself */
	CAUSE_SECCOMP,        /* the process made a system call that its filter forbids */
	CAUSE_SIGNAL,         /* another process sent the signal */
	CAUSE_UNKNOWN,        /* the trace contains only the number of the signal */
	CAUSE_CGROUP_KILL,    /* the control group was killed as a whole */
	CAUSE_TRACER,         /* the tracer ended it with ptrace(), or by its own end */
	CAUSE_RESOURCE_LIMIT, /* the limit of CPU time or file size was exceeded */
	CAUSE_KERNEL,         /* the kernel sent the signal for another reason */
	CAUSE_PID_NAMESPACE,  /* the first process of its pid namespace ended */
	CAUSE_PARENT_DEATH,   /* the parent ended, and the process had asked for a signal */
	CAUSE_RAISED,         /* the process sent the signal to itself */
	CAUSE_TIMER,          /* a timer of the process */
	CAUSE_IO,             /* SIGIO, for a file that the process watches */
	CAUSE_CHILD,          /* a child changed its state, and the signal for that kills */
	CAUSE_TERMINAL,       /* the terminal hung up, or a key was pressed there */
	CAUSE_PIPE,           /* SIGPIPE */
	CAUSE_EXIT_CODE,      /* the process ended itself with a code other than 0 */
	CAUSE_EXIT,           /* the process ended itself with code 0 */
	CAUSE_GROUP_EXIT,     /* a thread: another thread ended the whole process */
	CAUSE_EXEC,           /* a thread: another thread executed a program */
	CAUSE_THREAD_EXIT,    /* a thread: only this thread ended, on its own request */
	CAUSE_KINDS,          /* number of kinds */
};

/* A record, with the file that its references belong to. */
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
	const struct trace_file *file; /* NULL: unknown, or the thread of this exit */
	uint64_t task;
	uint64_t user_stack;
};

/* A thread that is not the first of its process. */
struct cause_thread {
	const struct trace_file *file; /* NULL: unknown, or the first thread */
	uint64_t comm;                 /* reference to kind string */
	uint32_t tid;
	uint32_t ns_tid; /* in its pid namespace; 0: unknown */
};

/* A reference to kind stack, with its file. */
struct cause_stack {
	const struct trace_file *file;
	uint64_t stack; /* 0: none */
};

/* A signal that a handler of the process took before its end. */
struct cause_handled {
	struct cause_delivery delivery; /* file NULL: none */
	struct cause_signal generated;
	enum cause_kind kind;           /* of a death by this signal */
	uint64_t before_ns;             /* from the delivery to the end, or to what ended it */
	struct cause_stack interrupted; /* part of the user stack that the handler interrupted */
};

/* A child that a signal ended, or that could not execute a program. */
struct cause_child {
	const struct trace_file *file; /* NULL: none */
	uint64_t task;
	uint32_t signal;    /* 0: it ended itself */
	uint32_t exit_code; /* 126 or 127; 0: a signal ended it */
	enum cause_kind kind;
	struct cause_signal generated;
};

/* Shells exit with this plus the number of a signal. */
#define CAUSE_CODE_SIGNAL_BASE 128u

/* What is known about an exit code that is more than a number. */
enum cause_exit_code {
	CAUSE_CODE_PLAIN,
	CAUSE_CODE_CHILD,          /* 128 plus the signal that ended `child` */
	CAUSE_CODE_NO_CHILD,       /* of a shell: 128 plus a signal that ended no known child */
	CAUSE_CODE_NOT_EXECUTABLE, /* 126 of a shell, or of a program that executes another */
	CAUSE_CODE_NOT_FOUND,      /* 127 of these */
	CAUSE_CODE_SPAWN,          /* 127 of posix_spawn(), in the child */
	CAUSE_CODE_OF_CHILD,       /* 126 or 127, as `child` before */
	CAUSE_CODE_NOT_LOADED,     /* 127 of the dynamic linker */
	CAUSE_CODE_TIMEOUT,        /* 124 of timeout(1) */
	CAUSE_CODE_PANIC,          /* 101 returned by main(), as in a Rust program that panicked */
};

/* What the signal in `handled` has to do with the end. Nothing more is implied by CAUSE_AFTER than
 * the order. */
enum cause_handling {
	CAUSE_NOT_HANDLED, /* there is none */
	CAUSE_RERAISED,    /* the process sent it to itself again; it is in `generated` as well */
	CAUSE_FAULT_FIRST, /* the handler of a fault sent another fatal signal; as before */
	CAUSE_FAULT_TWICE, /* the handler of a fault had another one, `second`; as before */
	CAUSE_NO_STACK,    /* the stack had no room for its handler; as before */
	CAUSE_AFTER,       /* the process ended in the handler, or soon after it */
};

/* An execve() that failed. */
struct cause_execution {
	const struct trace_file *file;
	uint64_t arguments; /* string of the probe that recorded it */
	uint32_t error;     /* errno; 0: none failed, or not recorded */
};

struct cause {
	enum cause_kind kind;
	uint32_t signal;    /* that ended the process; 0: none */
	uint32_t exit_code; /* 0 if a signal ended the process */
	bool core_dumped;
	bool signals_seen; /* the trace has signals before the end */
	enum cause_exit_code code;
	bool never_executed;              /* after it was forked; false: it did, or it is unknown */
	const char *not_loaded;           /* what the dynamic linker could not do; static */
	struct cause_execution execution; /* its last execve() */
	const char *executes_as; /* name of the program that executes others: "shells"; static */
	struct cause_child child;
	struct system_call_name forbidden_call; /* by seccomp without a signal; or empty */
	uint64_t pending_ns; /* from the generation of the signal to its delivery */
	enum cause_handling handling;
	struct cause_handled handled;
	struct cause_signal generated;
	struct cause_delivery delivery;
	struct cause_signal second; /* the fault in the handler of the first one */
	struct cause_oom oom;
	/* The thread that called exit(), or that the fault, or the signal to itself, came from. */
	struct cause_thread thread;
	bool by_unknown; /* not the first thread, but it is unknown which one */
	struct cause_culprit culprit;
	/* User stack of the thread that took the signal or called exit(). If neither is known, of
	 * the thread of this exit. */
	struct cause_stack user;
};

/* Returns what culprit_find() and culprit_text_fault() need to find the first fault: if a handler
 * took it, *storage, a copy with its signal and the stack that the handler interrupted. Otherwise,
 * the cause itself. */
const struct cause *cause_at_fault(const struct cause *cause, struct cause *storage);

/* Returns the class of an end. */
enum cause_class cause_class(const struct cause *cause);

/* Returns the word for a class: "OOM", "CRASHED", ... Static. */
const char *cause_class_word(enum cause_class class);

/* Returns the name of a kind in JSON: "oom", "fault", ... Static. */
const char *cause_kind_name(enum cause_kind kind);

/* Returns whether a task sent the signals of this kind: the task that ran as they were generated.
 */
bool cause_kind_has_sender(enum cause_kind kind);

/* Returns the task that sent the signal; its references belong to generated.file. NULL if it is
 * unknown, or if the kernel sent the signal. */
const struct dz_task *cause_sender(const struct cause *cause);

/* Returns whether two tasks of one boot belong to one process: the same pid and start time. NULL is
 * allowed, and belongs to no process. */
bool cause_is_same_process(const struct dz_task *a, const struct dz_task *b);

#endif
