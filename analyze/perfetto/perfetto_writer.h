/* analyze/perfetto/perfetto_writer.h - packets of a Perfetto trace, and names that are written once
 *
 * Every name, stack and track has a number, and is written before its first use. Errors stay: after
 * one, nothing more is written, and perfetto_writer_failed() returns true.
 */
#ifndef ANALYZE_PERFETTO_PERFETTO_WRITER_H
#define ANALYZE_PERFETTO_PERFETTO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/fold/byte_set.h"
#include "analyze/trace/trace.h"
#include "base/buffer.h"
#include "perfetto.pb.h"

#define PERFETTO_CATEGORIES(CATEGORY)                                                              \
	CATEGORY(PROCESS, "process")                                                               \
	CATEGORY(DEATH, "death")                                                                   \
	CATEGORY(SIGNAL, "signal")                                                                 \
	CATEGORY(OOM, "oom")                                                                       \
	CATEGORY(PROBE, "probe")                                                                   \
	CATEGORY(SECTION, "section")                                                               \
	CATEGORY(CALL, "system_call")                                                              \
	CATEGORY(PHASE, "phase")                                                                   \
	CATEGORY(WAIT, "wait")                                                                     \
	CATEGORY(SAMPLE, "sample")

/* Annotations. */
#define PERFETTO_KEYS(KEY)                                                                         \
	KEY(CLASS, "class")                                                                        \
	KEY(CAUSE, "cause")                                                                        \
	KEY(TEXT, "text")                                                                          \
	KEY(SIGNAL, "signal")                                                                      \
	KEY(EXIT_CODE, "exit_code")                                                                \
	KEY(CORE_DUMPED, "core_dumped")                                                            \
	KEY(THREAD, "thread")                                                                      \
	KEY(FROM, "from")                                                                          \
	KEY(TO, "to")                                                                              \
	KEY(SOURCE, "source")                                                                      \
	KEY(RESULT, "result")                                                                      \
	KEY(CODE, "code")                                                                          \
	KEY(HANDLED, "handled")                                                                    \
	KEY(ARGUMENTS, "arguments")                                                                \
	KEY(LATENCY, "latency_ns")                                                                 \
	KEY(VALUE, "result_value")                                                                 \
	KEY(ID, "id")                                                                              \
	KEY(THRESHOLD, "threshold_ns")                                                             \
	KEY(END, "end")                                                                            \
	KEY(DROPPED, "dropped_steps")                                                              \
	KEY(WOKEN_BY, "woken_by")                                                                  \
	KEY(STARTED, "started_ns")                                                                 \
	KEY(CGROUP, "cgroup")                                                                      \
	KEY(COMMAND, "command_line")                                                               \
	KEY(DURATION, "duration_ns")                                                               \
	KEY(CPU, "cpu")                                                                            \
	KEY(PREVIOUS, "previous")                                                                  \
	KEY(THROTTLED, "throttled")                                                                \
	KEY(STATE, "state")                                                                        \
	KEY(TIMES, "count")                                                                        \
	KEY(SPAN, "span_ns")                                                                       \
	KEY(PERIOD, "period_ns")                                                                   \
	KEY(EVENTS, "events")

#define PERFETTO_CATEGORY(NAME, text) PERFETTO_CATEGORY_##NAME,
#define PERFETTO_KEY(NAME, text)      PERFETTO_KEY_##NAME,
enum perfetto_category { PERFETTO_CATEGORIES(PERFETTO_CATEGORY) PERFETTO_CATEGORY_COUNT };
enum perfetto_key { PERFETTO_KEYS(PERFETTO_KEY) PERFETTO_KEY_COUNT };
#undef PERFETTO_CATEGORY
#undef PERFETTO_KEY

/* What is written once. */
enum perfetto_set {
	PERFETTO_EVENT_NAMES,
	PERFETTO_FUNCTIONS,
	PERFETTO_BUILD_IDS,
	PERFETTO_PATHS,
	PERFETTO_SOURCES,
	PERFETTO_MAPPINGS,
	PERFETTO_FRAMES,
	PERFETTO_STACKS,
	PERFETTO_KNOWN_STACKS, /* of the files: only here */
	PERFETTO_TASKS,        /* likewise: processes and threads */
	PERFETTO_COUNTERS,     /* likewise */
	PERFETTO_FLOWS,        /* likewise: those that have begun */
	PERFETTO_ENDED,        /* likewise: processes that have ended */
	PERFETTO_SETS,
};

struct perfetto_writer {
	FILE *out;
	uint64_t seed; /* of the numbers of tracks and flows: from the uuid of the trace */
	bool out_of_memory;
	struct buffer text; /* texts of the packet that is being made */
	struct byte_set sets[PERFETTO_SETS];
	uint64_t *stack_numbers; /* for each of PERFETTO_KNOWN_STACKS: its number */
	size_t stack_capacity;
};

enum perfetto_type {
	PERFETTO_BEGIN = 1,
	PERFETTO_END = 2,
	PERFETTO_INSTANT = 3,
	PERFETTO_COUNTER = 4,
};

/* An annotation: a text if `bytes` is not NULL, otherwise a number. */
struct perfetto_value {
	enum perfetto_key key;
	struct trace_text text;
	bool is_signed;
	uint64_t number;
};

#define PERFETTO_VALUES_MAX 12u

struct perfetto_event {
	enum perfetto_type type;
	uint64_t time_ns; /* CLOCK_BOOTTIME */
	uint64_t track;
	enum perfetto_category category; /* not of an end or a counter */
	struct trace_text name;          /* likewise */
	uint64_t stack;                  /* perfetto_stack(); 0: none */
	uint64_t flow;                   /* 0: none */
	bool ends_flow;
	uint64_t count; /* of a counter */
	struct perfetto_value values[PERFETTO_VALUES_MAX];
	size_t value_count;
};

/* Starts a trace: its uuid, its clock, and the names of categories and annotations. Borrows `out`.
 * The caller must call perfetto_writer_release(). */
void perfetto_writer_begin(struct perfetto_writer *writer, const struct dz_file_header *header,
			   FILE *out);

/* Writes readings of the clocks at one time. */
void perfetto_writer_clock(struct perfetto_writer *writer, const struct dz_clock *clock);

/* Adds annotations. One that does not fit is dropped. `text` must be valid until the event is
 * written; an empty one adds nothing. */
void perfetto_event_text(struct perfetto_event *event, enum perfetto_key key,
			 struct trace_text text);
void perfetto_event_word(struct perfetto_event *event, enum perfetto_key key, const char *word);
void perfetto_event_number(struct perfetto_event *event, enum perfetto_key key, uint64_t number);

/* Writes an event. */
void perfetto_writer_event(struct perfetto_writer *writer, const struct perfetto_event *event);

/* Returns the number of these bytes in a set, from 1, and sets *ret_is_new. 0 on allocation
 * failure. */
uint64_t perfetto_writer_number(struct perfetto_writer *writer, enum perfetto_set set,
				const void *bytes, size_t size, bool *ret_is_new);

/* Returns the number of a text in one of the first sets, and writes it if it is new. */
uint64_t perfetto_writer_name(struct perfetto_writer *writer, enum perfetto_set set,
			      struct trace_text text);

/* Returns the escaped text with a NUL, or NULL on allocation failure. Valid until the next call of
 * a function for this writer. */
char *perfetto_writer_text(struct perfetto_writer *writer, struct trace_text text);

/* Returns a number that is different for each kind (a letter) and number, and for other traces. */
uint64_t perfetto_writer_uuid(const struct perfetto_writer *writer, char kind, uint64_t number);

/* Writes a packet of perfetto.proto, with the members that all packets have. */
void perfetto_writer_packet(struct perfetto_writer *writer, perfetto_protos_TracePacket *packet);

/* Writes a packet with something that is written once. */
void perfetto_writer_interned(struct perfetto_writer *writer,
			      perfetto_protos_InternedData *interned);

/* Returns whether an allocation failed, or the stream reports an error. */
bool perfetto_writer_failed(const struct perfetto_writer *writer);

/* Frees the memory. */
void perfetto_writer_release(struct perfetto_writer *writer);

#endif
