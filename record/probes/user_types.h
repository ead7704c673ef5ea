/* record/probes/user_types.h - types of arguments and results, by debug information */
#ifndef RECORD_PROBES_USER_TYPES_H
#define RECORD_PROBES_USER_TYPES_H

#include "record/probes/probe_list.h"

/* Sets the fields, the types and the result of the uprobes and uretprobes of `list` from index
 * `first` on, which are in the file `path`; their addresses are those of the functions. Uses the
 * debug information of the file, or of its debug file below /usr/lib/debug. Without it, or if it
 * has not the function, arguments have numbers. A probe whose arguments do not exist fails. Borrows
 * `fd`. */
void user_types_describe(struct probe_list *list, size_t first, const char *path, int fd);

#endif
