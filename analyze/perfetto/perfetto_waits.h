/* analyze/perfetto/perfetto_waits.h - waits, blocked times and samples of a Perfetto trace */
#ifndef ANALYZE_PERFETTO_PERFETTO_WAITS_H
#define ANALYZE_PERFETTO_PERFETTO_WAITS_H

#include <stdbool.h>

#include "analyze/perfetto/perfetto_writer.h"
#include "analyze/replay/visitor.h"

struct perfetto_waits;

/* Returns NULL on allocation failure. Borrows the writer. The caller must call
 * perfetto_waits_free(). */
struct perfetto_waits *perfetto_waits_new(struct perfetto_writer *writer);

/* Write an event of kind runq, offcpu and cpu. A single time is a slice on a separate track of its
 * thread; one that begins before the end of another one there, a sum of several times, and samples
 * are instants. Return false on allocation failure. */
bool perfetto_waits_add_runq(struct perfetto_waits *waits, const struct visitor_event *event);
bool perfetto_waits_add_offcpu(struct perfetto_waits *waits, const struct visitor_event *event);
bool perfetto_waits_add_cpu(struct perfetto_waits *waits, const struct visitor_event *event);

/* Frees the memory. NULL is allowed. */
void perfetto_waits_free(struct perfetto_waits *waits);

#endif
