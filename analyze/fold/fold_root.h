/* analyze/fold/fold_root.h - the frames at the root of a stack: its task and its event */
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
	char made[FOLD_ROOT_TEXT_MAX]; /* storage of a text that is in no file */
};

/* Whether there is a root of this name. */
bool fold_root_exists(const char *name);

/* Returns "cgroup, ancestors, ...", for messages. A static text. */
const char *fold_root_list(void);

/* Sets the texts of a root that exists. `task` is that of the stack; NULL: unknown. The texts are
 * borrowed from the trace and *ret_texts. */
void fold_root_make(const char *name, const struct visitor_event *event, const struct dz_task *task,
		    struct fold_root_texts *ret_texts);

#endif
