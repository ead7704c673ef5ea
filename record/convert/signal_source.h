/* record/convert/signal_source.h - the source of a signal */
#ifndef RECORD_CONVERT_SIGNAL_SOURCE_H
#define RECORD_CONVERT_SIGNAL_SOURCE_H

#include "bpf/event.h"
#include <dz/enums.h>

/* Returns the source of a signal, as stored in its row. */
enum dz_signal_source signal_source_of(const struct event_signal *event);

#endif
