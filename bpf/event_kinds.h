/* bpf/event_kinds.h - the table of the events that BPF programs send to diag-record
 *
 * KIND(NAME, name, route, row, loss, stack, scratch), one line per kind. The order of the lines
 * gives the kinds their numbers, which never reach a file.
 *
 *	NAME, name  EVENT_NAME is the number and struct event_name the fixed part of the record
 *	route       who takes the record:
 *	            ROW         translate_name() makes one row of it (record/convert/translator.c)
 *	            LEARN       learn_name() there keeps it for the rows of later records
 *	            USER_STACK  user_stacks_take()
 *	            SECTION     take_name() in record/convert/section_rows.c
 *	row         DZ_KIND_row is the kind of that row; NONE: the record makes none, or the route
 *	            chooses. Only record/ expands this, as bpf/ does not know the file format.
 *	loss        the kind that a record of kind lost names: a kind of dz/schema.h, or one of
 *	            "cgroup", "user_stack" and "command_line", which are not rows
 *	stack       the member with the id of the user stack copy that the event waits for, or NONE
 *	scratch     YES: the record is built in a scratch slot (bpf/scratch.bpf.h); otherwise NO
 *
 * A new kind is a line here, the struct, and the function that its route names. If one of these is
 * missing, the build fails.
 */
#ifndef BPF_EVENT_KINDS_H
#define BPF_EVENT_KINDS_H

/* clang-format off */
#define EVENT_KINDS(KIND)                                                                          \
	KIND(EXIT,         exit,         ROW,        EXIT,     "exit",         user_stack,     YES)    \
	KIND(SIGNAL,       signal,       ROW,        SIGNAL,   "signal",       user_stack,     YES)    \
	KIND(DELIVERY,     delivery,     ROW,        DELIVERY, "delivery",     user_stack,     YES)    \
	KIND(OOM,          oom,          ROW,        OOM,      "oom",          NONE,           YES)    \
	KIND(CGROUP,       cgroup,       LEARN,      NONE,     "cgroup",       NONE,           YES)    \
	KIND(USER_STACK,   user_stack,   USER_STACK, NONE,     "user_stack",   NONE,           NO)     \
	KIND(SECTION,      section,      SECTION,    NONE,     "section",      NONE,           NO)     \
	KIND(STEP_BATCH,   step_batch,   SECTION,    NONE,     "step",         NONE,           NO)     \
	KIND(PROBE,        probe,        ROW,        PROBE,    "probe",        user_stack,     YES)    \
	KIND(PROBE_DATA,   probe_data,   ROW,        PROBE,    "probe",        hit.user_stack, YES)    \
	KIND(PROBE_TASK,   probe_task,   LEARN,      NONE,     "probe",        NONE,           YES)    \
	KIND(PROBE_STACK,  probe_stack,  LEARN,      NONE,     "probe",        NONE,           YES)    \
	KIND(PROBE_BRIEF,  probe_brief,  ROW,        PROBE,    "probe",        NONE,           NO)     \
	KIND(COMMAND_LINE, command_line, LEARN,      NONE,     "command_line", NONE,           YES)    \
	KIND(RUNQ,         runq,         ROW,        RUNQ,     "runq",         NONE,           YES)    \
	KIND(CPU,          cpu,          ROW,        CPU,      "cpu",          user_stack,     YES)    \
	KIND(OFFCPU,       offcpu,       ROW,        OFFCPU,   "offcpu",       last_stack,     YES)
/* clang-format on */

enum event_kind {
#define EVENT_KIND_NUMBER(NAME, name, route, row, loss, stack, scratch) EVENT_##NAME,
	EVENT_KINDS(EVENT_KIND_NUMBER)
#undef EVENT_KIND_NUMBER
		EVENT_KIND_COUNT,
};

#endif
