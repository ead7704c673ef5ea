/* analyze/json/json_members.h - table of the members that are not fields of dz(5)
 *
 * The writer takes names from this table alone, and the JSON Schema is generated from it. A line is
 * never removed, and its name and type never change.
 */
#ifndef ANALYZE_JSON_JSON_MEMBERS_H
#define ANALYZE_JSON_JSON_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* Type of a member. NAME_hex follows a member of type BYTES if its text is not UTF-8. */
enum json_type {
	JSON_TYPE_TEXT,
	JSON_TYPE_BYTES,   /* text from outside */
	JSON_TYPE_INTEGER, /* at most INT64_MAX */
	JSON_TYPE_FLAG,
	JSON_TYPE_ADDRESS, /* text: "0x7ffd5c3e" */
	JSON_TYPE_FRAMES,  /* an array of JSON_TYPE_FRAME */
	JSON_TYPE_TASKS,   /* an array of JSON_TASK */
	JSON_TYPE_PHASES,
	JSON_TYPE_STEPS,
	JSON_TYPE_FRAME, /* an object, as the next ones */
	JSON_TYPE_SENDER,
	JSON_TYPE_HANDLED,
	JSON_TYPE_CAUSE,
};

/* The objects that have members. A bit below 16 is one of these, another is the kind of that
 * number. */
#define JSON_OF_SUMMARY (UINT64_C(1) << 1)
#define JSON_OF_FRAME   (UINT64_C(1) << 2)
#define JSON_OF_TASK    (UINT64_C(1) << 3)
#define JSON_OF_SENDER  (UINT64_C(1) << 4)
#define JSON_OF_HANDLED (UINT64_C(1) << 5)
#define JSON_OF_CAUSE   (UINT64_C(1) << 6)
#define JSON_OF_COUNT   (UINT64_C(1) << 7)
#define JSON_OF_CHANGE  (UINT64_C(1) << 8)
#define JSON_OF_OTHER   (UINT64_C(1) << 63) /* a kind that this version does not know */
#define JSON_OF(kind)   (UINT64_C(1) << DZ_KIND_##kind)
#define JSON_OF_EVENTS  (~UINT64_C(0xffff))
#define JSON_OF_ALL     (JSON_OF_EVENTS | JSON_OF_SUMMARY | JSON_OF_COUNT | JSON_OF_CHANGE)
#define JSON_OF_COUNTS  (JSON_OF_COUNT | JSON_OF_CHANGE)

/* Objects with field task. */
#define JSON_OF_TASKS (JSON_OF_EVENTS & ~JSON_OF(LOST))

/* MEMBER(NAME, name, type, objects, meaning) */
#define JSON_MEMBERS(MEMBER)                                                                       \
	MEMBER(TYPE, type, TEXT, JSON_OF_ALL, "kind of event; summary; other: an unknown kind")    \
	MEMBER(TIME, time, TEXT, JSON_OF_EVENTS, "time_ns in UTC, with nine digits")               \
	MEMBER(HOST, host, BYTES, JSON_OF_EVENTS, "name of the recorded machine")                  \
	MEMBER(BOOT, boot, TEXT, JSON_OF_EVENTS, "boot id of the recorded machine")                \
	MEMBER(FILE, file, BYTES, JSON_OF_EVENTS, "name of the file, without directories")         \
	MEMBER(OTHER_KIND, kind, TEXT, JSON_OF_OTHER, "name of the kind in the file")              \
	MEMBER(PID, pid, INTEGER, JSON_OF_TASKS, "process")                                        \
	MEMBER(TID, tid, INTEGER, JSON_OF_TASKS, "thread")                                         \
	MEMBER(COMM, comm, BYTES, JSON_OF_TASKS, "name of the thread")                             \
	MEMBER(PPID, ppid, INTEGER, JSON_OF_TASKS, "parent process")                               \
	MEMBER(UID, uid, INTEGER, JSON_OF_TASKS, "real user id")                                   \
	MEMBER(CMDLINE, cmdline, BYTES, JSON_OF_TASKS, "arguments of the process")                 \
	MEMBER(NS_PID, ns_pid, INTEGER, JSON_OF_TASKS, "process in its pid namespace")             \
	MEMBER(CGROUP, cgroup, BYTES, JSON_OF_TASKS, "path of the control group")                  \
	MEMBER(CONTAINER, container, TEXT, JSON_OF_TASKS, "id of the container, in the path")      \
	MEMBER(POD, pod, TEXT, JSON_OF_TASKS, "uid of the pod of Kubernetes, in the path")         \
	MEMBER(UNIT, unit, BYTES, JSON_OF_TASKS, "service or scope of systemd, in the path")       \
	MEMBER(ANCESTORS, ancestors, TASKS, JSON_OF_TASKS, "parent first")                         \
	MEMBER(LIFETIME_NS, lifetime_ns, INTEGER, JSON_OF(EXIT),                                   \
	       "since the start of the process; for a thread, of the thread")                      \
	MEMBER(SIGNAL_NAME, signal_name, TEXT,                                                     \
	       JSON_OF(EXIT) | JSON_OF(SIGNAL) | JSON_OF(DELIVERY), "such as SIGTERM")             \
	MEMBER(THREAD_TID, thread_tid, INTEGER, JSON_OF(EXIT),                                     \
	       "the thread that crashed or called exit(), if it is not the first one")             \
	MEMBER(THREAD_NAME, thread_name, BYTES, JSON_OF(EXIT), "its name")                         \
	MEMBER(CLASS, class, TEXT, JSON_OF(EXIT), "OOM, CRASHED, KILLED, FAILED or CLEAN")         \
	MEMBER(RERAISED, reraised, FLAG, JSON_OF(EXIT),                                            \
	       "the process sent itself a signal that it had handled; cause is the first")         \
	MEMBER(AFTER_SIGNAL, after_signal, HANDLED, JSON_OF(EXIT),                                 \
	       "the handled signal that came before the end")                                      \
	MEMBER(CAUSE, cause, CAUSE, JSON_OF(EXIT), "why it ended")                                 \
	MEMBER(FIRST_FAILURE, first_failure, FLAG, JSON_OF(EXIT),                                  \
	       "of a recorded COMMAND: the first failure that led to its own")                     \
	MEMBER(CODE_NAME, code_name, TEXT, JSON_OF(SIGNAL) | JSON_OF(DELIVERY), "such as SI_USER") \
	MEMBER(ORIGINAL_SIGNAL, original_signal, INTEGER, JSON_OF(DELIVERY),                       \
	       "the signal for which the kernel ends the process; 0: an exit or exec")             \
	MEMBER(PENDING_NS, pending_ns, INTEGER, JSON_OF(DELIVERY),                                 \
	       "since the signal was generated")                                                   \
	MEMBER(SIGNAL_SENDER, signal_sender, SENDER, JSON_OF(DELIVERY) | JSON_OF_CAUSE,            \
	       "sender of the signal")                                                             \
	MEMBER(DURATION_NS, duration_ns, INTEGER, JSON_OF(SECTION), "duration of the section")     \
	MEMBER(SEPARATE_ROWS, separate_rows, INTEGER, JSON_OF(SECTION),                            \
	       "number of its steps and phases that are separate objects")                         \
	MEMBER(PHASES, phases, PHASES, JSON_OF(SECTION), "time in each state")                     \
	MEMBER(STEPS, steps, STEPS, JSON_OF(SECTION), "events in it, in time order")               \
	MEMBER(FIRST_NS, first_ns, INTEGER, JSON_OF(LOST), "first possible time of the loss")      \
	MEMBER(SYSTEM_CALL_NAME, system_call_name, TEXT, JSON_OF_EVENTS, "name of system_call")    \
	MEMBER(SYMBOL, symbol, BYTES, JSON_OF_FRAME, "function, as it is shown")                   \
	MEMBER(RAW_SYMBOL, raw_symbol, BYTES, JSON_OF_FRAME, "as the symbol table spells it")      \
	MEMBER(MODULE, module, BYTES, JSON_OF_FRAME, "file that contains the code")                \
	MEMBER(BUILD_ID, build_id, TEXT, JSON_OF_FRAME, "build ID of this file")                   \
	MEMBER(OFFSET, offset, INTEGER, JSON_OF_FRAME, "bytes from symbol, or from the module")    \
	MEMBER(INLINED, inlined, FLAG, JSON_OF_FRAME, "inlined into the next frame")               \
	MEMBER(FRAME_FILE, file, BYTES, JSON_OF_FRAME, "source file")                              \
	MEMBER(LINE, line, INTEGER, JSON_OF_FRAME, "line in it")                                   \
	MEMBER(TASK_PID, pid, INTEGER, JSON_OF_TASK | JSON_OF_SENDER, "process")                   \
	MEMBER(TASK_NS_PID, ns_pid, INTEGER, JSON_OF_TASK | JSON_OF_SENDER,                        \
	       "process in its pid namespace, if that is another number")                          \
	MEMBER(TASK_TID, tid, INTEGER, JSON_OF_SENDER, "thread")                                   \
	MEMBER(TASK_COMM, comm, BYTES, JSON_OF_TASK | JSON_OF_SENDER, "name of the thread")        \
	MEMBER(TASK_CMDLINE, cmdline, BYTES, JSON_OF_TASK, "arguments of the process")             \
	MEMBER(TASK_UID, uid, INTEGER, JSON_OF_SENDER, "real user id")                             \
	MEMBER(TASK_CGROUP, cgroup, BYTES, JSON_OF_SENDER, "path of the control group")            \
	MEMBER(TASK_ANCESTORS, ancestors, TASKS, JSON_OF_SENDER, "parent first")                   \
	MEMBER(FUNCTION, function, TEXT, JSON_OF_SENDER, "function that sent the signal")          \
	MEMBER(HANDLED_SIGNAL, signal, INTEGER, JSON_OF_HANDLED, "number")                         \
	MEMBER(HANDLED_NAME, signal_name, TEXT, JSON_OF_HANDLED, "such as SIGTERM")                \
	MEMBER(KIND, kind, TEXT, JSON_OF_HANDLED | JSON_OF_CAUSE, "kind of cause")                 \
	MEMBER(NS, ns, INTEGER, JSON_OF_HANDLED, "from this signal to the end")                    \
	MEMBER(SENDER, sender, SENDER, JSON_OF_HANDLED, "sender of the signal")                    \
	MEMBER(MECHANISM, mechanism, TEXT, JSON_OF_CAUSE, "such as abort()")                       \
	MEMBER(CULPRIT, culprit, FRAME, JSON_OF_CAUSE, "function held responsible")                \
	MEMBER(CALLER, caller, FRAME, JSON_OF_CAUSE,                                               \
	       "if culprit is in the C library, the first frame that is not")                      \
	MEMBER(TEXT, text, TEXT, JSON_OF_CAUSE, "the cause in words")                              \
	MEMBER(EXIT_COUNT, count, INTEGER, JSON_OF_COUNT, "number of exits")                       \
	MEMBER(COUNT_FIRST, first, TEXT, JSON_OF_COUNTS, "time of the first, in UTC")              \
	MEMBER(COUNT_LAST, last, TEXT, JSON_OF_COUNT, "time of the last, in UTC")                  \
	MEMBER(COUNT_OTHER, other, FLAG, JSON_OF_COUNTS, "exits that belong to no row")            \
	MEMBER(COUNT_HOST, host, BYTES, JSON_OF_COUNT, "as in events")                             \
	MEMBER(COUNT_BOOT, boot, TEXT, JSON_OF_COUNT, "as in events")                              \
	MEMBER(COUNT_FILE, file, BYTES, JSON_OF_COUNT, "as in events")                             \
	MEMBER(COUNT_CGROUP, cgroup, BYTES, JSON_OF_COUNT, "as in exit")                           \
	MEMBER(COUNT_CONTAINER, container, TEXT, JSON_OF_COUNT, "as in exit")                      \
	MEMBER(COUNT_COMM, comm, BYTES, JSON_OF_COUNTS, "name of the process")                     \
	MEMBER(COUNT_CLASS, class, TEXT, JSON_OF_COUNTS, "as in exit")                             \
	MEMBER(COUNT_CAUSE, cause, BYTES, JSON_OF_COUNTS, "class and cause in a few words")        \
	MEMBER(COUNT_SENDER, sender, BYTES, JSON_OF_COUNT, "name of the sender of the signal")     \
	MEMBER(COUNT_UID, uid, TEXT, JSON_OF_COUNT, "user id")                                     \
	MEMBER(COUNT_HOUR, hour, TEXT, JSON_OF_COUNT, "hour, in UTC or local time")                \
	MEMBER(CHANGE, change, TEXT, JSON_OF_CHANGE, "NEW, MORE, LESS or GONE")                    \
	MEMBER(BEFORE, before, INTEGER, JSON_OF_CHANGE, "number of exits before")                  \
	MEMBER(AFTER, after, INTEGER, JSON_OF_CHANGE, "number of exits after")                     \
	MEMBER(COMPLETE, complete, FLAG, JSON_OF_SUMMARY, "no part of a file is missing")          \
	MEMBER(EVENTS, events, INTEGER, JSON_OF_SUMMARY, "number of selected events")              \
	MEMBER(LOST, lost, INTEGER, JSON_OF_SUMMARY, "number of lost events")                      \
	MEMBER(EXITS, exits, INTEGER, JSON_OF_SUMMARY, "processes that ended")                     \
	MEMBER(THREAD_EXITS, thread_exits, INTEGER, JSON_OF_SUMMARY,                               \
	       "threads that ended before their process")                                          \
	MEMBER(BY_SIGNAL, by_signal, INTEGER, JSON_OF_SUMMARY, "processes ended by a signal")      \
	MEMBER(FAILED, failed, INTEGER, JSON_OF_SUMMARY, "exit codes other than 0")                \
	MEMBER(CORE_DUMPED, core_dumped, INTEGER, JSON_OF_SUMMARY, "cores dumped")                 \
	MEMBER(DUPLICATES, duplicates, INTEGER, JSON_OF_SUMMARY,                                   \
	       "events that several files hold, each counted and printed once")                    \
	MEMBER(START_NS, start_ns, INTEGER, JSON_OF_SUMMARY, "start of the recording")             \
	MEMBER(END_NS, end_ns, INTEGER, JSON_OF_SUMMARY, "last event")

#define JSON_MEMBER_ENUMERATOR(NAME, name, type, objects, meaning) JSON_MEMBER_##NAME,
enum json_member_id { JSON_MEMBERS(JSON_MEMBER_ENUMERATOR) JSON_MEMBER_COUNT };
#undef JSON_MEMBER_ENUMERATOR

struct json_member {
	const char *name;
	struct trace_text start; /* "name": */
	enum json_type type;
	uint64_t objects;
	const char *meaning;
};

extern const struct json_member json_members[JSON_MEMBER_COUNT];

#endif
