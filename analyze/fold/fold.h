/* analyze/fold/fold.h - the stacks of one or more traces, each with its weight
 *
 * Order of use: fold_open(), fold_add() for each file, then (once the program has locked itself in)
 * fold_run(), which is the first to look at the bytes of a file; after it fold_describe() and
 * fold_problem().
 */
#ifndef ANALYZE_FOLD_FOLD_H
#define ANALYZE_FOLD_FOLD_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/selection.h"
#include "analyze/trace/input_problem.h"

struct fold;

/* What a frame is, for its colour. */
enum fold_frame_type {
	FOLD_ROOT,    /* a task, process, control group, ...: what --roots asks for */
	FOLD_KERNEL,  /* code of the kernel or of a module of it */
	FOLD_USER,    /* code of the program itself */
	FOLD_LIBRARY, /* code of a shared library */
	FOLD_JIT,     /* code made at run time */
	FOLD_INLINED, /* a function inlined into its caller */
	FOLD_UNKNOWN, /* no symbol: module and offset only */
	FOLD_MARKER,  /* no code but a remark, such as [truncated] */
	FOLD_LOST,    /* the frame [lost]: events that happened and are not in the file */
};

/* Bytes from a file: any value, not NUL-terminated. To be escaped before they are shown. */
struct fold_text {
	const char *bytes;
	size_t size;
};

struct fold_frame {
	struct fold_text name;   /* demangled; never empty */
	struct fold_text module; /* path of the file the code is from; empty if unknown */
	enum fold_frame_type type;
};

/* One event. Everything is valid during the call only. */
struct fold_stack {
	const struct fold_frame
		*frames;  /* root first: roots, user outermost to leaf, then kernel */
	size_t count;     /* at least 1 */
	uint64_t weight;  /* in the description's unit */
	uint64_t time_ns; /* Unix; of lost events, the first */
	uint32_t pid;     /* process; 0 for lost events, and if unknown */
	uint32_t tid;
	struct fold_text comm;
	struct fold_text cgroup;
};

/* Called for each stack in order of time, those of a section when it is over; false stops. */
struct fold_sink {
	void *context;
	bool (*stack)(void *context, const struct fold_stack *stack);
};

enum fold_unit {
	FOLD_EVENTS,
	FOLD_NANOSECONDS,
};

/* Which part of the time in a section. */
enum fold_time {
	FOLD_TIME_ALL,
	FOLD_TIME_ON_CPU,
	FOLD_TIME_OFF_CPU,
};

#define FOLD_ROOTS_MAX 16u

/* What is drawn of each event. All zero: by process name, all frames, weighted by count. */
struct fold_shape {
	const char *roots[FOLD_ROOTS_MAX]; /* as in --roots, outermost first; borrowed */
	size_t root_count;
	bool no_roots;       /* none at all; otherwise a root_count of 0 means `process` */
	enum fold_unit unit; /* FOLD_NANOSECONDS: latency of probes, time in sections */
	enum fold_time time; /* of sections */
	uint64_t section;    /* only the section with this id; 0: all */
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
 * The options that fill a request (selection_argp is among them), as a child of a program's own
 * argp; its input is a struct fold_request, all zero.
 */
extern const struct argp fold_argp;

/* Frees what the options took. A zeroed one is allowed. */
void fold_request_release(struct fold_request *request);

/* True if these are the first bytes of a .dz file; 16 of them are enough. */
bool fold_recognizes(const void *bytes, size_t size);

/* *request is borrowed until fold_close(). False without memory. */
bool fold_open(const struct fold_request *request, struct fold **ret_fold);

/* Adds a regular file. The descriptor is taken over, also on failure; path is for messages and is
 * borrowed. False without memory. */
bool fold_add(struct fold *fold, const char *path, int fd);

enum fold_status {
	FOLD_OK,
	FOLD_INCOMPLETE, /* what could be read was given out; fold_problem() tells what was not */
	FOLD_STOPPED,    /* by the sink */
	FOLD_FAILED,     /* fold_problem() tells why */
};

/* Loads the files and gives their stacks to the sink, once. */
enum fold_status fold_run(struct fold *fold, const struct fold_sink *sink);

/* What is wrong, one after the other from 0; NULL after the last. Valid until fold_close(). */
const struct input_problem *fold_problem(const struct fold *fold, size_t number);

/* Where the stacks are from. Texts are NUL-terminated, not escaped, and valid until fold_close();
 * empty if the files do not tell. */
struct fold_description {
	const char *host;
	const char *kernel;    /* release */
	const char *command;   /* the recorder's */
	const char *kinds;     /* what was folded, such as "exit, sample" */
	const char *selection; /* the options that chose the events; empty for all of them */
	enum fold_unit unit;
	uint64_t start_ns;     /* Unix: when the recording began */
	uint64_t duration_ns;  /* until its last event */
	uint64_t stacks;       /* given out, without [lost] */
	uint64_t total_weight; /* of them */
	uint64_t lost;         /* events lost, of the folded kinds */
	uint64_t clean_exits;  /* omitted because of only_deaths */
	const char *path;      /* of the first file, as given */
	uint8_t uuid[16];      /* of the first file; all zero if it cannot be read */
	size_t files;
};

/* After fold_run(). */
struct fold_description fold_describe(const struct fold *fold);

/* NULL is allowed. */
void fold_close(struct fold *fold);

#endif
