/* analyze/trace/duplicates.h - finds events that several files hold
 *
 * Flight windows overlap, files are copied, and damaged ones are repaired. An event of one boot
 * that two files hold is the same event if its kind, its time, its tasks and all its numbers are
 * the same. Names and stacks are not compared: they can be replaced, or lost to damage. A file that
 * holds equal events holds all of them: only as many are duplicates as another file has shown.
 */
#ifndef ANALYZE_TRACE_DUPLICATES_H
#define ANALYZE_TRACE_DUPLICATES_H

#include <stdbool.h>
#include <stdint.h>

#include <dz/reader.h>

struct duplicates;

/* Returns NULL on allocation failure, and if the kernel returns no random numbers. */
struct duplicates *duplicates_new(void);

/* An event of a file. */
struct duplicates_event {
	const struct dz_reader *reader;
	const struct dz_event *event;
	uint64_t unix_ns;
	uint32_t file; /* different for all files */
	uint32_t boot;
};

/*
 * Notes an event, and sets *ret_duplicate to whether another file has shown it. Events must come
 * about in the order of time: those of more than DUPLICATES_WINDOW_NS ago can be forgotten. Returns
 * false on allocation failure.
 */
bool duplicates_note(struct duplicates *duplicates, const struct duplicates_event *event,
		     bool *ret_duplicate);

#define DUPLICATES_WINDOW_NS UINT64_C(10000000000)

/* Forgets all events. */
void duplicates_clear(struct duplicates *duplicates);

/* Frees everything. NULL is allowed. */
void duplicates_free(struct duplicates *duplicates);

#endif
