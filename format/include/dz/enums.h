/* dz/enums.h - the fields of records whose numbers stand for one of a few things
 *
 * The numbers are those in the file (dz(5)) and the words those in JSON, so neither is ever changed
 * or used again. A new one is one line at the end of its list; a reader may meet numbers that it
 * does not know.
 */
#ifndef DZ_ENUMS_H
#define DZ_ENUMS_H

/* CODE(number, NAME, word) */

/* Field type of kind frame. */
#define DZ_FRAME_TYPES(CODE)                                                                       \
	CODE(0, USER, "user")                                                                      \
	CODE(1, KERNEL, "kernel")                                                                  \
	CODE(2, JIT, "jit")                                                                        \
	CODE(3, MARKER, "marker")

/* Field result of kind signal. */
#define DZ_SIGNAL_RESULTS(CODE)                                                                    \
	CODE(0, DELIVERED, "delivered")                                                            \
	CODE(1, IGNORED, "ignored")                                                                \
	CODE(2, PENDING, "pending")                                                                \
	CODE(3, OVERFLOW, "overflow")                                                              \
	CODE(4, LOST_INFO, "lost_info")

/* Field source of kind signal. */
#define DZ_SIGNAL_SOURCES(CODE)                                                                    \
	CODE(0, PROCESS, "process")                                                                \
	CODE(1, KERNEL, "kernel")                                                                  \
	CODE(2, FAULT, "fault")                                                                    \
	CODE(3, TIMER, "timer")                                                                    \
	CODE(4, TERMINAL, "terminal")                                                              \
	CODE(5, OUT_OF_MEMORY, "oom")                                                              \
	CODE(6, SECCOMP, "seccomp")                                                                \
	CODE(7, PARENT_DEATH, "parent_death")                                                      \
	CODE(8, PIPE, "pipe")                                                                      \
	CODE(9, CHILD, "child")                                                                    \
	CODE(10, RESOURCE_LIMIT, "resource_limit")                                                 \
	CODE(11, INPUT_OUTPUT, "io")                                                               \
	CODE(12, PID_NAMESPACE, "pid_namespace")                                                   \
	CODE(13, CGROUP_KILL, "cgroup_kill")

/* Field source of kinds section and section_histogram. */
#define DZ_SECTION_SOURCES(CODE)                                                                   \
	CODE(0, MARKER, "marker")                                                                  \
	CODE(1, SYSTEM_CALL, "syscall")                                                            \
	CODE(2, UPROBE, "uprobe")                                                                  \
	CODE(3, CONTROL, "control")

/* Field end of kind section. */
#define DZ_SECTION_ENDS(CODE)                                                                      \
	CODE(0, STOPPED, "stopped")                                                                \
	CODE(1, THREAD_ENDED, "exit")                                                              \
	CODE(2, RECORDING_ENDED, "recording_end")                                                  \
	CODE(3, STOPPED_BY_OTHER, "other_thread")

/* Field step_type of kind step. */
#define DZ_STEP_TYPES(CODE)                                                                        \
	CODE(0, START, "start")                                                                    \
	CODE(1, SWITCHED_OUT, "switch_out")                                                        \
	CODE(2, WOKEN_UP, "wakeup")                                                                \
	CODE(3, SWITCHED_IN, "switch_in")                                                          \
	CODE(4, CALL_IN, "syscall_enter")                                                          \
	CODE(5, CALL_OUT, "syscall_exit")                                                          \
	CODE(6, INTERRUPT_IN, "irq_enter")                                                         \
	CODE(7, INTERRUPT_OUT, "irq_exit")                                                         \
	CODE(8, SOFTIRQ_IN, "softirq_enter")                                                       \
	CODE(9, SOFTIRQ_OUT, "softirq_exit")                                                       \
	CODE(10, TIMER_IN, "timer_enter")                                                          \
	CODE(11, TIMER_OUT, "timer_exit")                                                          \
	CODE(12, PAGE_FAULT, "page_fault")                                                         \
	CODE(13, MIGRATED, "migrate")                                                              \
	CODE(14, SAMPLE, "sample")                                                                 \
	CODE(15, STOP, "stop")                                                                     \
	CODE(16, DROPPED, "dropped")                                                               \
	CODE(17, PAGE_FAULTS, "page_faults")

/* Field state of kind phase. */
#define DZ_PHASE_STATES(CODE)                                                                      \
	CODE(0, USER, "user")                                                                      \
	CODE(1, KERNEL, "kernel")                                                                  \
	CODE(2, FAULT, "page_fault")                                                               \
	CODE(3, INTERRUPT, "interrupt")                                                            \
	CODE(4, RUNNABLE, "runnable")                                                              \
	CODE(5, PREEMPTED, "preempted")                                                            \
	CODE(6, BLOCKED, "blocked")                                                                \
	CODE(7, UNINTERRUPTIBLE, "uninterruptible")

/* DZ_FRAME_TYPE_USER and so on; the last of each is how many there are. */
#define DZ_FRAME_TYPE_CODE(number, NAME, word)     DZ_FRAME_TYPE_##NAME = (number),
#define DZ_SIGNAL_RESULT_CODE(number, NAME, word)  DZ_SIGNAL_RESULT_##NAME = (number),
#define DZ_SIGNAL_SOURCE_CODE(number, NAME, word)  DZ_SIGNAL_SOURCE_##NAME = (number),
#define DZ_SECTION_SOURCE_CODE(number, NAME, word) DZ_SECTION_SOURCE_##NAME = (number),
#define DZ_SECTION_END_CODE(number, NAME, word)    DZ_SECTION_END_##NAME = (number),
#define DZ_STEP_TYPE_CODE(number, NAME, word)      DZ_STEP_TYPE_##NAME = (number),
#define DZ_PHASE_STATE_CODE(number, NAME, word)    DZ_PHASE_STATE_##NAME = (number),

enum dz_frame_type { DZ_FRAME_TYPES(DZ_FRAME_TYPE_CODE) DZ_FRAME_TYPE_COUNT };
enum dz_signal_result { DZ_SIGNAL_RESULTS(DZ_SIGNAL_RESULT_CODE) DZ_SIGNAL_RESULT_COUNT };
enum dz_signal_source { DZ_SIGNAL_SOURCES(DZ_SIGNAL_SOURCE_CODE) DZ_SIGNAL_SOURCE_COUNT };
enum dz_section_source { DZ_SECTION_SOURCES(DZ_SECTION_SOURCE_CODE) DZ_SECTION_SOURCE_COUNT };
enum dz_section_end { DZ_SECTION_ENDS(DZ_SECTION_END_CODE) DZ_SECTION_END_COUNT };
enum dz_step_type { DZ_STEP_TYPES(DZ_STEP_TYPE_CODE) DZ_STEP_TYPE_COUNT };
enum dz_phase_state { DZ_PHASE_STATES(DZ_PHASE_STATE_CODE) DZ_PHASE_STATE_COUNT };

#undef DZ_FRAME_TYPE_CODE
#undef DZ_SIGNAL_RESULT_CODE
#undef DZ_SIGNAL_SOURCE_CODE
#undef DZ_SECTION_SOURCE_CODE
#undef DZ_SECTION_END_CODE
#undef DZ_STEP_TYPE_CODE
#undef DZ_PHASE_STATE_CODE

#endif
