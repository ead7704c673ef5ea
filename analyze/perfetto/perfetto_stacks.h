/* analyze/perfetto/perfetto_stacks.h - call stacks of a Perfetto trace, each written once */
#ifndef ANALYZE_PERFETTO_PERFETTO_STACKS_H
#define ANALYZE_PERFETTO_PERFETTO_STACKS_H

#include <stdint.h>

#include "analyze/perfetto/perfetto_writer.h"

/* Returns the number of a stack: a kernel stack, and the user stack that called it. Both are
 * references to kind stack, 0 for none. Writes the stack and its frames if they are new. 0: no
 * frame. */
uint64_t perfetto_stack(struct perfetto_writer *writer, const struct trace_file *file,
			uint64_t kernel_stack, uint64_t user_stack);

#endif
