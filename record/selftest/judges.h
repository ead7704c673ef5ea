/* record/selftest/judges.h - comparison of each kind of self-test with its recording */
#ifndef RECORD_SELFTEST_JUDGES_H
#define RECORD_SELFTEST_JUDGES_H

#include "record/selftest/verdict.h"

/* For the actions of the same names: see record/selftest/actions.h. */
extern const struct verdict_judge judges_exit;      /* actions_exit, and actions_wait, killed */
extern const struct verdict_judge judges_signal;    /* actions_receive and actions_send */
extern const struct verdict_judge judges_section;   /* actions_sections */
extern const struct verdict_judge judges_uprobe;    /* actions_functions */
extern const struct verdict_judge judges_probe;     /* any hits, as many as the action counted */
extern const struct verdict_judge judges_kretprobe; /* the same, of actions_sleep */
extern const struct verdict_judge judges_runq;      /* actions_spin, twice */
extern const struct verdict_judge judges_offcpu;    /* actions_sleep */
extern const struct verdict_judge judges_cpu;       /* actions_spin */

#endif
