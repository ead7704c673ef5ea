/* analyze/fold/fold_root.h - the frames below a stack: whose it is, and what it was recorded for */
#ifndef ANALYZE_FOLD_FOLD_ROOT_H
#define ANALYZE_FOLD_FOLD_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/replay/visitor.h"
#include "analyze/trace/ancestors.h"

#define FOLD_ROOT_TEXT_MAX 40u

/* The texts of one kind of root; ancestors have several. */
struct fold_root_texts {
	struct trace_text texts[ANCESTORS_MAX]; /* outermost first */
	size_t count;
	char made[FOLD_ROOT_TEXT_MAX]; /* where a text is that is in no file */
};

/* True if there is a root of this name. */
bool fold_root_exists(const char *name);

/* "cgroup, ancestors, ...", for messages. Static. */
const char *fold_root_list(void);

/* Gives the texts of a root that exists. `task` is whose stack it is; NULL if unknown. */
void fold_root_make(const char *name, const struct visitor_event *event, const struct dz_task *task,
		    struct fold_root_texts *ret_texts);

#endif
