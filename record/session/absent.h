/* record/session/absent.h - warnings about filters that match nothing when a recording starts */
#ifndef RECORD_SESSION_ABSENT_H
#define RECORD_SESSION_ABSENT_H

#include "record/options/options.h"

/* Prints a warning for each of --tgid, --tid, --comm, --cpu, --uid, --cgroup and --set-syscall that
 * matches no task, CPU or group at this time. Prints none with --quiet. With a COMMAND that is
 * recorded alone, only CPUs are checked: its processes do not exist yet. */
void absent_warn(const struct options *options);

#endif
