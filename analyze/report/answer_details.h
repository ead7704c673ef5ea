/* analyze/report/answer_details.h - the lines below an answer: thread, stack, sender, command, ...
 */
#ifndef ANALYZE_REPORT_ANSWER_DETAILS_H
#define ANALYZE_REPORT_ANSWER_DETAILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"
#include "text/layout.h"

/* The column of the labels below an answer, and that of their texts. On a screen with fewer than 60
 * columns they are smaller. */
#define ANSWER_LABEL_COLUMN 14u
#define ANSWER_TEXT_COLUMN  23u

/* The end of a process, borrowed from the trace. */
struct death {
	const struct trace_file *file;
	const struct dz_task *task; /* NULL: unknown */
	const struct dz_exit *row;
	const struct cause *cause;
};

/* One line, or several if it is long. */
struct answer_detail {
	const char *label; /* at most 7 letters; static; empty: it goes on with the one before */
	char *text;        /* LAYOUT_JOIN where no line is broken */
	char *command;     /* a command line, the only part that is cut; NULL: none */
	char *after;       /* text after the command line; NULL: none */
	char *block;       /* whole lines that follow; NULL: none */
};

#define ANSWER_DETAILS_MAX 48u

/* All zero at first. */
struct answer_details {
	struct answer_detail details[ANSWER_DETAILS_MAX];
	size_t count;
};

struct answer_details_style {
	bool stacks;  /* print where the process was */
	bool whole;   /* print whole stacks, one line for each frame */
	bool verbose; /* cut nothing: all frames, all ancestors */
};

/* Adds the details of a death. Returns false on allocation failure; the caller releases *details in
 * any case. */
bool answer_details_make(const struct death *death, const struct answer_details_style *style,
			 struct answer_details *details);

/* Adds a line. Copies the text. Returns false on allocation failure. */
bool answer_details_add(struct answer_details *details, const char *label, const char *text);

/* Returns the process that sent the signal which ended a process, or which it handled before its
 * end, and the file of its references. NULL if it is unknown, or no process sent it. */
const struct dz_task *answer_details_sender(const struct cause *cause,
					    const struct trace_file **ret_file);

/* Adds a line about the end of the sender below it. Copies the text. Does nothing if the details
 * have no sender. Returns false on allocation failure. */
bool answer_details_add_sender_end(struct answer_details *details, const char *text);

/* Returns the column of texts below an answer. */
size_t answer_details_column(const struct layout *layout);

/* Writes one detail and returns its lines; 0 on allocation failure. `verbose`: does not cut command
 * lines. */
size_t answer_details_write(const struct answer_detail *detail, const struct layout *layout,
			    bool verbose, FILE *out);

/* Whether two details would be written alike. */
bool answer_details_are_equal(const struct answer_detail *a, const struct answer_detail *b);

/* Frees the texts. */
void answer_details_release(struct answer_details *details);

#endif
