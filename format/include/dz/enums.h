/* dz/enums.h - fields of records that are enums, with the words of their values
 *
 * The numbers are those in the file (dz(5)), and the words are those in JSON. Neither is changed or
 * reused. A new value is one line at the end of its list. A file can have values that this version
 * does not know. dz/schema.h describes the values.
 */
#ifndef DZ_ENUMS_H
#define DZ_ENUMS_H

/* VALUE(number, NAME, word) */

/* Field type of kind frame. */
#define DZ_FRAME_TYPES(VALUE)                                                                      \
	VALUE(0, USER, "user")                                                                     \
	VALUE(1, KERNEL, "kernel")                                                                 \
	VALUE(2, JIT, "jit")                                                                       \
	VALUE(3, MARKER, "marker")

/* Field result of kind signal. */
#define DZ_SIGNAL_RESULTS(VALUE)                                                                   \
	VALUE(0, DELIVERED, "delivered")                                                           \
	VALUE(1, IGNORED, "ignored")                                                               \
	VALUE(2, PENDING, "pending")                                                               \
	VALUE(3, OVERFLOW, "overflow")                                                             \
	VALUE(4, LOST_INFO, "lost_info")

/* Field source of kind signal. */
#define DZ_SIGNAL_SOURCES(VALUE)                                                                   \
	VALUE(0, PROCESS, "process")                                                               \
	VALUE(1, KERNEL, "kernel")                                                                 \
	VALUE(2, FAULT, "fault")                                                                   \
	VALUE(3, TIMER, "timer")                                                                   \
	VALUE(4, TERMINAL, "terminal")                                                             \
	VALUE(5, OUT_OF_MEMORY, "oom")                                                             \
	VALUE(6, SECCOMP, "seccomp")                                                               \
	VALUE(7, PARENT_DEATH, "parent_death")                                                     \
	VALUE(8, PIPE, "pipe")                                                                     \
	VALUE(9, CHILD, "child")                                                                   \
	VALUE(10, RESOURCE_LIMIT, "resource_limit")                                                \
	VALUE(11, INPUT_OUTPUT, "io")                                                              \
	VALUE(12, PID_NAMESPACE, "pid_namespace")                                                  \
	VALUE(13, CGROUP_KILL, "cgroup_kill")                                                      \
	VALUE(14, TRACER, "tracer")                                                                \
	VALUE(15, TRACER_EXIT, "tracer_exit")

/* Field source of kinds section and section_histogram. */
#define DZ_SECTION_SOURCES(VALUE)                                                                  \
	VALUE(0, MARKER, "marker")                                                                 \
	VALUE(1, SYSTEM_CALL, "syscall")                                                           \
	VALUE(2, UPROBE, "uprobe")                                                                 \
	VALUE(3, CONTROL, "control")

/* Field end of kind section. */
#define DZ_SECTION_ENDS(VALUE)                                                                     \
	VALUE(0, STOPPED, "stopped")                                                               \
	VALUE(1, THREAD_ENDED, "exit")                                                             \
	VALUE(2, RECORDING_ENDED, "recording_end")                                                 \
	VALUE(3, STOPPED_BY_OTHER, "other_thread")

/* Field step_type of kind step. */
#define DZ_STEP_TYPES(VALUE)                                                                       \
	VALUE(0, START, "start")                                                                   \
	VALUE(1, SWITCHED_OUT, "switch_out")                                                       \
	VALUE(2, WOKEN_UP, "wakeup")                                                               \
	VALUE(3, SWITCHED_IN, "switch_in")                                                         \
	VALUE(4, CALL_IN, "syscall_enter")                                                         \
	VALUE(5, CALL_OUT, "syscall_exit")                                                         \
	VALUE(6, INTERRUPT_IN, "irq_enter")                                                        \
	VALUE(7, INTERRUPT_OUT, "irq_exit")                                                        \
	VALUE(8, SOFTIRQ_IN, "softirq_enter")                                                      \
	VALUE(9, SOFTIRQ_OUT, "softirq_exit")                                                      \
	VALUE(10, TIMER_IN, "timer_enter")                                                         \
	VALUE(11, TIMER_OUT, "timer_exit")                                                         \
	VALUE(12, PAGE_FAULT, "page_fault")                                                        \
	VALUE(13, MIGRATED, "migrate")                                                             \
	VALUE(14, SAMPLE, "sample")                                                                \
	VALUE(15, STOP, "stop")                                                                    \
	VALUE(16, DROPPED, "dropped")                                                              \
	VALUE(17, PAGE_FAULTS, "page_faults")                                                      \
	VALUE(18, FILE, "file")

/* Field state of kind phase. */
#define DZ_PHASE_STATES(VALUE)                                                                     \
	VALUE(0, USER, "user")                                                                     \
	VALUE(1, KERNEL, "kernel")                                                                 \
	VALUE(2, FAULT, "page_fault")                                                              \
	VALUE(3, INTERRUPT, "interrupt")                                                           \
	VALUE(4, RUNNABLE, "runnable")                                                             \
	VALUE(5, PREEMPTED, "preempted")                                                           \
	VALUE(6, BLOCKED, "blocked")                                                               \
	VALUE(7, UNINTERRUPTIBLE, "uninterruptible")

/* Field cause of kind runq. */
#define DZ_RUNQ_CAUSES(VALUE)                                                                      \
	VALUE(0, WOKEN, "woken")                                                                   \
	VALUE(1, PREEMPTED, "preempted")                                                           \
	VALUE(2, CREATED, "created")

/* Field state of kind offcpu. */
#define DZ_OFFCPU_STATES(VALUE)                                                                    \
	VALUE(0, SLEEPING, "sleeping")                                                             \
	VALUE(1, UNINTERRUPTIBLE, "uninterruptible")                                               \
	VALUE(2, STOPPED, "stopped")                                                               \
	VALUE(3, OTHER, "other")

/* DZ_FRAME_TYPE_USER and so on. The last enumerator of each is the number of values. */
#define DZ_FRAME_TYPE_VALUE(number, NAME, word)     DZ_FRAME_TYPE_##NAME = (number),
#define DZ_SIGNAL_RESULT_VALUE(number, NAME, word)  DZ_SIGNAL_RESULT_##NAME = (number),
#define DZ_SIGNAL_SOURCE_VALUE(number, NAME, word)  DZ_SIGNAL_SOURCE_##NAME = (number),
#define DZ_SECTION_SOURCE_VALUE(number, NAME, word) DZ_SECTION_SOURCE_##NAME = (number),
#define DZ_SECTION_END_VALUE(number, NAME, word)    DZ_SECTION_END_##NAME = (number),
#define DZ_STEP_TYPE_VALUE(number, NAME, word)      DZ_STEP_TYPE_##NAME = (number),
#define DZ_PHASE_STATE_VALUE(number, NAME, word)    DZ_PHASE_STATE_##NAME = (number),
#define DZ_RUNQ_CAUSE_VALUE(number, NAME, word)     DZ_RUNQ_CAUSE_##NAME = (number),
#define DZ_OFFCPU_STATE_VALUE(number, NAME, word)   DZ_OFFCPU_STATE_##NAME = (number),

enum dz_frame_type { DZ_FRAME_TYPES(DZ_FRAME_TYPE_VALUE) DZ_FRAME_TYPE_COUNT };
enum dz_signal_result { DZ_SIGNAL_RESULTS(DZ_SIGNAL_RESULT_VALUE) DZ_SIGNAL_RESULT_COUNT };
enum dz_signal_source { DZ_SIGNAL_SOURCES(DZ_SIGNAL_SOURCE_VALUE) DZ_SIGNAL_SOURCE_COUNT };
enum dz_section_source { DZ_SECTION_SOURCES(DZ_SECTION_SOURCE_VALUE) DZ_SECTION_SOURCE_COUNT };
enum dz_section_end { DZ_SECTION_ENDS(DZ_SECTION_END_VALUE) DZ_SECTION_END_COUNT };
enum dz_step_type { DZ_STEP_TYPES(DZ_STEP_TYPE_VALUE) DZ_STEP_TYPE_COUNT };
enum dz_phase_state { DZ_PHASE_STATES(DZ_PHASE_STATE_VALUE) DZ_PHASE_STATE_COUNT };
enum dz_runq_cause { DZ_RUNQ_CAUSES(DZ_RUNQ_CAUSE_VALUE) DZ_RUNQ_CAUSE_COUNT };
enum dz_offcpu_state { DZ_OFFCPU_STATES(DZ_OFFCPU_STATE_VALUE) DZ_OFFCPU_STATE_COUNT };

#undef DZ_FRAME_TYPE_VALUE
#undef DZ_SIGNAL_RESULT_VALUE
#undef DZ_SIGNAL_SOURCE_VALUE
#undef DZ_SECTION_SOURCE_VALUE
#undef DZ_SECTION_END_VALUE
#undef DZ_STEP_TYPE_VALUE
#undef DZ_PHASE_STATE_VALUE
#undef DZ_RUNQ_CAUSE_VALUE
#undef DZ_OFFCPU_STATE_VALUE

#endif
