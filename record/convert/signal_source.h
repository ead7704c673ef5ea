/* record/convert/signal_source.h - who or what is behind a signal */
#ifndef RECORD_CONVERT_SIGNAL_SOURCE_H
#define RECORD_CONVERT_SIGNAL_SOURCE_H

#include "bpf/event.h"
#include <dz/enums.h>

/* The origin of the record that the event becomes. */
enum dz_signal_source signal_source_of(const struct event_signal *event);

#endif
