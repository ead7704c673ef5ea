/* analyze/fold/fold.h - the stacks of one or more traces, each with its weight
 *
 * Order of use: fold_open(), fold_add() for each file, enter the sandbox, fold_run(), then
 * fold_describe() and fold_problem(). Only fold_run() reads the files.
 */
#ifndef ANALYZE_FOLD_FOLD_H
#define ANALYZE_FOLD_FOLD_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/selection.h"
#include "analyze/trace/input_problem.h"
#include "analyze/trace/trace.h"

struct fold;

/* The type of a frame, for its colour. */
enum fold_frame_type {
	FOLD_ROOT,    /* a task, process, control group, ...: see --roots */
	FOLD_KERNEL,  /* code of the kernel or a kernel module */
	FOLD_USER,    /* code of the program itself */
	FOLD_LIBRARY, /* code of a shared library */
	FOLD_JIT,     /* code made at run time */
	FOLD_INLINED, /* a function inlined into its caller */
	FOLD_UNKNOWN, /* no symbol: module and offset only */
	FOLD_MARKER,  /* not code but a note, such as [truncated] */
	FOLD_LOST,    /* the frame [lost]: events that are not in the file */
};

/* Bytes from a file: any value, not NUL-terminated. Escape them when they are printed. */
struct fold_text {
	const char *bytes;
	size_t size;
};

struct fold_frame {
	struct fold_text name;   /* demangled; never empty */
	struct fold_text module; /* path of the file with the code; empty: unknown */
	enum fold_frame_type type;
	struct fold_text build_id; /* of the module, as raw bytes; empty: unknown */
	struct fold_text file;     /* source file; empty: unknown */
	uint64_t line;             /* 0: unknown */
	uint64_t address;          /* in the address space of the module; 0: unknown */
	uint64_t offset;           /* from the start of the function; 0 without a symbol */
};

/* One event. All pointers are valid during the call only. */
struct fold_stack {
	const struct fold_frame *frames; /* roots, then user frames from the outermost to the leaf,
					    then kernel frames */
	size_t count;                    /* at least 1 */
	uint64_t weight;                 /* in the description's unit */
	uint64_t time_ns;                /* Unix time; for lost events, of the first one */
	uint32_t pid;                    /* process; 0: unknown, or lost events */
	uint32_t tid;
	struct fold_text comm;
	struct fold_text cgroup;
	struct fold_text cause; /* of an exit, in the word of JSON; otherwise empty */
	struct fold_text host;  /* where it was recorded; empty: unknown, or lost events */
};

/* stack() is called for each stack in order of time; for those of a section, at its end. It returns
 * false to stop. */
struct fold_sink {
	void *context;
	bool (*stack)(void *context, const struct fold_stack *stack);
	/* Returns where the weights of equal stacks are added up: those equal to the last one.
	 * Valid until the end of fold_run(), which adds the weights of further equal stacks there
	 * instead of passing them. NULL: every stack is passed. */
	uint64_t *(*sum)(void *context);
	/* Returns the bytes that are kept of different stacks: fold_run() ends if they are too many
	 * for the size of the files. NULL: few bytes for each stack. */
	uint64_t (*kept)(void *context);
};

enum fold_unit {
	FOLD_EVENTS,
	FOLD_NANOSECONDS,
};

/* The part of the time that counts. */
enum fold_time {
	FOLD_TIME_ALL,
	FOLD_TIME_ON_CPU,
	FOLD_TIME_OFF_CPU,
};

#define FOLD_ROOTS_MAX 16u

/* What is folded of each event. All zero: by process name, all frames, weighted by count. */
struct fold_shape {
	const char *roots[FOLD_ROOTS_MAX]; /* as in --roots, outermost first; borrowed */
	size_t root_count;
	bool no_roots;       /* no roots; otherwise a root_count of 0 means `process` */
	enum fold_unit unit; /* FOLD_NANOSECONDS: latency of probes, time in sections */
	enum fold_time time; /* of sections */
	uint64_t section;    /* id of the only section; 0: all */
	bool no_kernel;
	bool no_user;
	bool brief_exits; /* of exits, only the frames from main() to the culprit, after the cause
			   */
	bool only_deaths; /* omit the exits of processes that ended by themselves with code 0 */
};

struct fold_request {
	struct selection selection;
	struct fold_shape shape;
};

/*
 * The options that fill a request, including those of selection_argp. Use it as a child of the argp
 * of a program. Its input is a struct fold_request, all zero.
 */
extern const struct argp fold_argp;

/* Returns the kinds, a bit each as in VISITOR_KIND, that have such a time. */
uint64_t fold_kinds_with(enum fold_time time);

/* Frees what the options allocated. *request may be all zero. */
void fold_request_release(struct fold_request *request);

/* Whether these are the first bytes of a .dz file. Pass at least 16. */
bool fold_recognizes(const void *bytes, size_t size);

/* Borrows *request until fold_close(). Returns false on allocation failure. */
bool fold_open(const struct fold_request *request, struct fold **ret_fold);

/* Adds a regular file. Takes ownership of the descriptor, also on failure. Borrows the path, for
 * messages, until fold_close(). Returns false on allocation failure. */
bool fold_add(struct fold *fold, const char *path, int fd);

/* Sets how files that were added with descriptor -1 are opened, as trace_set_opener(). */
void fold_set_opener(struct fold *fold, trace_opener *opener, void *context);

enum fold_status {
	FOLD_OK,
	FOLD_INCOMPLETE, /* the readable part was folded; see fold_problem() */
	FOLD_STOPPED,    /* the sink returned false */
	FOLD_FAILED,     /* see fold_problem() */
};

/* Loads the files and passes their stacks to the sink. Call once. */
enum fold_status fold_run(struct fold *fold, const struct fold_sink *sink);

/* Returns whether fold_run() ended since the names of all stacks are too long for the files. */
bool fold_is_too_long(const struct fold *fold);

/* Returns problem `number`, from 0, or NULL after the last. Valid until fold_close(). */
const struct input_problem *fold_problem(const struct fold *fold, size_t number);

/* The source of the stacks. Texts are NUL-terminated, not escaped, valid until fold_close(), and
 * empty if unknown. */
struct fold_description {
	const char *host;
	const char *kernel;    /* release */
	const char *command;   /* command line of the recorder */
	const char *kinds;     /* kinds that were folded, such as "exit, sample" */
	const char *selection; /* the options that selected the events; empty: all */
	enum fold_unit unit;
	uint64_t start_ns;     /* Unix time at which the recording began */
	uint64_t duration_ns;  /* until its last event */
	uint64_t stacks;       /* passed to the sink, without [lost] */
	uint64_t total_weight; /* of these stacks */
	uint64_t lost;         /* lost events of the folded kinds */
	uint64_t duplicates;   /* events that several files hold, counted once */
	uint64_t clean_exits;  /* omitted because of only_deaths */
	const char *path;      /* of the first file, as given */
	uint8_t uuid[16];      /* of the first file; all zero if it cannot be read */
	size_t files;
};

/* Returns the description. Call after fold_run(). */
struct fold_description fold_describe(const struct fold *fold);

/* Frees everything. NULL is allowed. */
void fold_close(struct fold *fold);

#endif
