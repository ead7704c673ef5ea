/* dz/schema.h - table of all kinds of records and their fields
 *
 * The schema in a file, the encoder, the decoder, the structs below, the names in JSON and the
 * tables of dz(5) are generated from DZ_KINDS and DZ_FIELDS_*. A new field is one line at the end
 * of its list. Its position in the list is its number in the file, so lines are never moved or
 * removed.
 */
#ifndef DZ_SCHEMA_H
#define DZ_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/* Meaning of a value. How it is stored depends on the column (dz(5), COLUMNS). A reference is 0 for
 * none, else 1 + the index of a record of the named dictionary. */
enum dz_type {
	DZ_TYPE_UINT = 1,   /* unsigned integer in the field's unit */
	DZ_TYPE_INT = 2,    /* two's complement integer in the field's unit */
	DZ_TYPE_FLAG = 3,   /* 0 or 1 */
	DZ_TYPE_TIME = 4,   /* CLOCK_BOOTTIME in nanoseconds */
	DZ_TYPE_STRING = 5, /* reference to string */
	DZ_TYPE_MODULE = 6, /* reference to module */
	DZ_TYPE_FRAME = 7,  /* reference to frame */
	DZ_TYPE_STACK = 8,  /* reference to stack */
	DZ_TYPE_TASK = 9,   /* reference to task */
	DZ_TYPE_BYTES = 10, /* the bytes themselves; only in kind string */
};

/*
 * KIND(number, NAME, name, subject, select, meaning)
 *
 * Numbers 1 to 15 are dictionaries, 16 to 31 describe the recording, events start at 32.
 *
 * subject: the field with the task that filters such as --tgid compare, or NONE. For a signal, this
 * is the receiver. select: the kind whose name, as an argument of -e, selects this kind too, or
 * NONE if -e cannot select it. -e signal selects signal and delivery, -e delivery selects delivery
 * alone.
 */
#define DZ_KINDS(KIND)                                                                             \
	KIND(1, STRING, string, NONE, NONE, "bytes that other records refer to")                   \
	KIND(2, SCHEMA, schema, NONE, NONE, "one field of one kind")                               \
	KIND(3, MODULE, module, NONE, NONE, "a file that code was mapped from, or the kernel")     \
	KIND(4, FRAME, frame, NONE, NONE, "a place in code")                                       \
	KIND(5, STACK, stack, NONE, NONE,                                                          \
	     "a call stack: its innermost frame, and the stack of the caller")                     \
	KIND(6, TASK, task, NONE, NONE, "a thread, as it was at some time")                        \
	KIND(16, CLOCK, clock, NONE, NONE, "readings of several clocks at one time")               \
	KIND(17, INFO, info, NONE, NONE, "a key and a value about the recording")                  \
	KIND(18, LOST, lost, NONE, NONE, "events that happened and are not in the file")           \
	KIND(19, INDEX, index, NONE, NONE, "one block of the file, a hint for readers")            \
	KIND(32, EXIT, exit, task, exit,                                                           \
	     "the end of a process, or of a thread that was not its last")                         \
	KIND(33, SIGNAL, signal, receiver, signal, "a signal generated")                           \
	KIND(34, DELIVERY, delivery, task, signal, "a signal taken by a thread")                   \
	KIND(35, OOM, oom, victim, oom, "a process chosen by the out-of-memory killer")            \
	KIND(36, PROBE, probe, task, probe, "a hit of a probe")                                    \
	KIND(37, SECTION, section, task, section, "a section that took at least its threshold")    \
	KIND(38, STEP, step, task, section, "an event inside a section")                           \
	KIND(39, SECTION_HISTOGRAM, section_histogram, task, section,                              \
	     "durations of sections, kept or not, as a histogram")                                 \
	KIND(40, PHASE, phase, task, section, "time of a section in one state")                    \
	KIND(41, RUNQ, runq, task, runq, "a task that waited for a CPU as long as a threshold")    \
	KIND(42, RUNQ_HOLDER, runq_holder, task, runq,                                             \
	     "a task that held the CPU while another one waited for it")                           \
	KIND(43, CPU, cpu, task, cpu, "samples of a CPU: the task that ran")                       \
	KIND(44, OFFCPU, offcpu, task, offcpu, "a task that was blocked, once or several times")

/* FIELD(name, type, unit, meaning) */
#define DZ_FIELDS_string(FIELD) FIELD(bytes, BYTES, "", "at most 4096 bytes, of any value")

#define DZ_FIELDS_schema(FIELD)                                                                    \
	FIELD(kind, UINT, "", "number of the kind")                                                \
	FIELD(kind_name, STRING, "", "name of the kind")                                           \
	FIELD(field, UINT, "", "number of the field in its kind, from 0")                          \
	FIELD(name, STRING, "", "name of the field")                                               \
	FIELD(type, UINT, "", "meaning of its values (TYPES)")                                     \
	FIELD(unit, STRING, "", "ns, us, bytes, ... or empty")                                     \
	FIELD(meaning, STRING, "", "description, one sentence")

#define DZ_FIELDS_module(FIELD)                                                                    \
	FIELD(path, STRING, "", "path in the mount namespace of the process, or [kernel], [vdso]") \
	FIELD(build_id, STRING, "", "build ID as raw bytes, if known")

#define DZ_FIELDS_frame(FIELD)                                                                     \
	FIELD(type, UINT, "",                                                                      \
	      "0 user, 1 kernel, 2 just-in-time code, 3 marker such as [truncated]")               \
	FIELD(module, MODULE, "", "file that contains the code")                                   \
	FIELD(symbol, STRING, "",                                                                  \
	      "function as the symbol table spells it, or the text of the marker")                 \
	FIELD(offset, UINT, "bytes",                                                               \
	      "from the start of the symbol, or of the module if symbol is 0")                     \
	FIELD(module_offset, UINT, "bytes",                                                        \
	      "address in the address space of the module; 0 for kernel frames")                   \
	FIELD(file, STRING, "", "source file, if known")                                           \
	FIELD(line, UINT, "", "line in the source file, 0 if unknown")                             \
	FIELD(inlined, FLAG, "", "the frame is a function inlined into its caller")

#define DZ_FIELDS_stack(FIELD)                                                                     \
	FIELD(caller, STACK, "", "stack of the caller, 0 for the outermost frame")                 \
	FIELD(frame, FRAME, "", "innermost frame")

#define DZ_FIELDS_task(FIELD)                                                                      \
	FIELD(pid, UINT, "", "process id (thread group id) in the initial pid namespace")          \
	FIELD(tid, UINT, "", "thread id in the initial pid namespace")                             \
	FIELD(process_start, TIME, "ns", "when the process started; with pid, its identity")       \
	FIELD(start, TIME, "ns", "when the thread started; with tid, its identity")                \
	FIELD(comm, STRING, "", "name of the thread")                                              \
	FIELD(parent, TASK, "", "parent process as it was then, 0 if unknown or none")             \
	FIELD(uid, UINT, "", "real user id in the initial user namespace; 4294967295 if unknown")  \
	FIELD(gid, UINT, "", "real group id in the initial user namespace; 4294967295 if unknown") \
	FIELD(cgroup, STRING, "", "path of its control group, if known")                           \
	FIELD(ns_pid, UINT, "", "process id in its pid namespace")                                 \
	FIELD(ns_tid, UINT, "", "thread id in its pid namespace")                                  \
	FIELD(pid_namespace, UINT, "", "inode number of its pid namespace")                        \
	FIELD(process_comm, STRING, "", "name of the process's first thread")                      \
	FIELD(command_line, STRING, "", "its arguments, separated by spaces, if recorded")         \
	FIELD(kernel_thread, FLAG, "", "it has never had user memory")

#define DZ_FIELDS_clock(FIELD)                                                                     \
	FIELD(time, TIME, "ns", "CLOCK_BOOTTIME, as all other times")                              \
	FIELD(realtime, UINT, "ns", "CLOCK_REALTIME, since 1970")                                  \
	FIELD(monotonic, UINT, "ns", "CLOCK_MONOTONIC")

#define DZ_FIELDS_info(FIELD)                                                                      \
	FIELD(time, TIME, "ns", "when it was recorded")                                            \
	FIELD(key, STRING, "", "key, such as recorder.command")                                    \
	FIELD(value, STRING, "", "as text")

#define DZ_FIELDS_lost(FIELD)                                                                      \
	FIELD(time, TIME, "ns", "no lost event is earlier")                                        \
	FIELD(last, TIME, "ns", "no lost event is later")                                          \
	FIELD(kind, STRING, "", "name of the kind that was lost")                                  \
	FIELD(reason, STRING, "", "why, such as ring full")                                        \
	FIELD(cpu, INT, "", "CPU, -1 for any")                                                     \
	FIELD(count, UINT, "", "number of lost events")

#define DZ_FIELDS_index(FIELD)                                                                     \
	FIELD(offset, UINT, "bytes", "start of the block in the file")                             \
	FIELD(kind, UINT, "", "number of its kind")                                                \
	FIELD(generation, UINT, "", "its generation")                                              \
	FIELD(sequence, UINT, "", "its sequence number")                                           \
	FIELD(first, UINT, "", "as in its header")                                                 \
	FIELD(last, UINT, "", "as in its header")                                                  \
	FIELD(records, UINT, "", "number of records in it")

#define DZ_FIELDS_exit(FIELD)                                                                      \
	FIELD(time, TIME, "ns", "when it ended")                                                   \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "task that ended")                                                   \
	FIELD(exit_code, UINT, "", "argument of exit(), 0 to 255")                                 \
	FIELD(signal, UINT, "", "the signal that ended it, 0 if none")                             \
	FIELD(core_dumped, FLAG, "", "a core was dumped")                                          \
	FIELD(thread, FLAG, "", "a thread that is not the last of its process")                    \
	FIELD(system_call, INT, "", "number of the system call it was in, -1 for none")            \
	FIELD(user_time, UINT, "us", "CPU time in user mode, of the whole process unless thread")  \
	FIELD(system_time, UINT, "us",                                                             \
	      "CPU time in the kernel, of the whole process unless thread")                        \
	FIELD(max_rss, UINT, "bytes", "largest resident memory of the process")                    \
	FIELD(minor_faults, UINT, "", "page faults without input")                                 \
	FIELD(major_faults, UINT, "", "page faults with input")                                    \
	FIELD(kernel_stack, STACK, "", "")                                                         \
	FIELD(user_stack, STACK, "", "")                                                           \
	FIELD(end_tid, UINT, "",                                                                   \
	      "of a process: the thread that called exit() or took the signal, 0 if unknown")      \
	FIELD(end_comm, STRING, "", "name of that thread")                                         \
	FIELD(never_executed, FLAG, "",                                                            \
	      "the process executed no program after it was forked; 0 if it did, or if unknown")   \
	FIELD(compat, FLAG, "",                                                                    \
	      "the thread ran 32-bit code, or system_call is of the 32-bit ABI (i386 on x86-64)")  \
	FIELD(runtime, STRING, "",                                                                 \
	      "Rust, if user_stack has a frame of a Rust program; empty if not, or if unknown")    \
	FIELD(end_ns_tid, UINT, "", "end_tid in its pid namespace, 0 if unknown")

#define DZ_FIELDS_signal(FIELD)                                                                    \
	FIELD(time, TIME, "ns", "when it was generated")                                           \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "task that ran then: the sender, if a process sent it")              \
	FIELD(receiver, TASK, "", "task that it is for")                                           \
	FIELD(signal, UINT, "", "number")                                                          \
	FIELD(code, INT, "", "si_code")                                                            \
	FIELD(result, UINT, "",                                                                    \
	      "0 delivered or queued, 1 ignored, 2 already pending, 3 queue full, 4 information "  \
	      "lost")                                                                              \
	FIELD(group, FLAG, "", "for the process, not for one thread")                              \
	FIELD(source, UINT, "",                                                                    \
	      "0 process, 1 kernel, 2 fault, 3 timer, 4 terminal, 5 out of memory, 6 seccomp, 7 "  \
	      "parent death, 8 pipe, 9 child, 10 resource limit, 11 input/output, 12 end of pid "  \
	      "namespace, 13 cgroup.kill, 14 ptrace() of the tracer, which is task, 15 end of "    \
	      "the tracer, which is task")                                                         \
	FIELD(system_call, INT, "", "number of the system call that task was in, -1 for none")     \
	FIELD(address, UINT, "hex", "si_addr of a fault, si_call_addr of seccomp")                 \
	FIELD(value, INT, "",                                                                      \
	      "si_value of sigqueue, si_status of a child, si_syscall of seccomp; for a fault, "   \
	      "how "                                                                               \
	      "memory was accessed: 0 unknown, 1 read, 2 written, 3 executed, plus 4 if the "      \
	      "stack did not reach to the address, plus 8 if the stack pointer points to no "      \
	      "memory")                                                                            \
	FIELD(kernel_stack, STACK, "", "of task")                                                  \
	FIELD(user_stack, STACK, "", "of task")                                                    \
	FIELD(compat, FLAG, "",                                                                    \
	      "task ran 32-bit code, or system_call is of the 32-bit ABI (i386 on x86-64)")

#define DZ_FIELDS_delivery(FIELD)                                                                  \
	FIELD(time, TIME, "ns", "when the thread took it")                                         \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "thread that took it")                                               \
	FIELD(signal, UINT, "", "number; 9 also when the kernel ends a group for another signal")  \
	FIELD(code, INT, "", "si_code")                                                            \
	FIELD(handled, FLAG, "", "the process has a handler for it")                               \
	FIELD(group_code, UINT, "",                                                                \
	      "exit status with which the thread group is being ended, 0 if it is not")            \
	FIELD(sender_pid, UINT, "", "si_pid, in the receiver's pid namespace")                     \
	FIELD(sender_uid, UINT, "", "si_uid, in the receiver's user namespace")                    \
	FIELD(address, UINT, "hex", "si_addr of a fault")                                          \
	FIELD(user_stack, STACK, "", "of task, if the signal ends the process")                    \
	FIELD(tracer, TASK, "",                                                                    \
	      "thread that traced it with ptrace() then, 0 for none; it can replace the signal, "  \
	      "which then has code 0 and sender_pid of the tracer")

#define DZ_FIELDS_oom(FIELD)                                                                       \
	FIELD(time, TIME, "ns", "when the victim was chosen")                                      \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "task that requested memory")                                        \
	FIELD(victim, TASK, "", "process that was chosen")                                         \
	FIELD(total_vm, UINT, "bytes", "the victim's address space")                               \
	FIELD(anon_rss, UINT, "bytes", "its resident anonymous memory")                            \
	FIELD(file_rss, UINT, "bytes", "its resident file pages")                                  \
	FIELD(shmem_rss, UINT, "bytes", "its resident shared memory")                              \
	FIELD(score_adjustment, INT, "", "its oom_score_adj")                                      \
	FIELD(limit_cgroup, STRING, "",                                                            \
	      "path of the innermost control group, from the victim's upwards, whose usage of "    \
	      "memory was at most 64 pages below its limit")                                       \
	FIELD(limit, UINT, "bytes", "limit of that group, 0 if there is none")                     \
	FIELD(usage, UINT, "bytes", "what that group had used of it")                              \
	FIELD(memory_total, UINT, "bytes",                                                         \
	      "memory of the machine when the recording started, 0 if it is unknown")              \
	FIELD(limits_read, FLAG, "",                                                               \
	      "the limits of these groups were read; without a limit, none was that near")         \
	FIELD(memory_free, UINT, "bytes", "free memory of the machine then, 0 if it is unknown")

#define DZ_FIELDS_probe(FIELD)                                                                     \
	FIELD(time, TIME, "ns", "when it was hit; of a kretprobe or uretprobe: the return")        \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "task that hit it")                                                  \
	FIELD(probe, STRING, "", "such as kprobe:vfs_read")                                        \
	FIELD(latency, UINT, "ns", "of a kretprobe or uretprobe, from call to return")             \
	FIELD(result, INT, "", "of a kretprobe or uretprobe, the return value")                    \
	FIELD(arguments, STRING, "", "as text, such as count=4096 pos=0, if recorded")             \
	FIELD(kernel_stack, STACK, "", "")                                                         \
	FIELD(user_stack, STACK, "", "")                                                           \
	FIELD(no_result, FLAG, "",                                                                 \
	      "the function returns no integer in a register, or it is not known: result is 0")

#define DZ_FIELDS_section(FIELD)                                                                   \
	FIELD(time, TIME, "ns", "when it was stopped")                                             \
	FIELD(start, TIME, "ns", "when it was started")                                            \
	FIELD(cpu, UINT, "", "CPU on which it was stopped")                                        \
	FIELD(task, TASK, "", "thread of the section")                                             \
	FIELD(id, UINT, "", "number of the section, from 1, among all that started, kept or not")  \
	FIELD(outer, UINT, "", "id of the section around it, 0 for none")                          \
	FIELD(source, UINT, "", "0 marker, 1 system call, 2 uprobe, 3 control")                    \
	FIELD(label, STRING, "", "its name, if it has one")                                        \
	FIELD(threshold, UINT, "ns", "shortest duration that is kept")                             \
	FIELD(end, UINT, "",                                                                       \
	      "0 stopped, 1 the thread ended, 2 recording ended, 3 stopped by another thread")     \
	FIELD(dropped_steps, UINT, "", "number of steps that did not fit, since outermost began")  \
	FIELD(dropped_until, TIME, "ns", "time of the newest step that did not fit; 0 if all did") \
	FIELD(outermost, UINT, "", "id of the outermost section around it, which its steps name")

#define DZ_FIELDS_step(FIELD)                                                                      \
	FIELD(time, TIME, "ns", "when it happened")                                                \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "thread of the step")                                                \
	FIELD(section, UINT, "",                                                                   \
	      "id of the outermost section around it, itself in the file or not")                  \
	FIELD(step_type, UINT, "",                                                                 \
	      "0 start, 1 switched out, 2 woken, 3 switched in, 4 system call in, 5 system call "  \
	      "out, 6 interrupt in, 7 interrupt out, 8 softirq in, 9 softirq out, 10 timer in, "   \
	      "11 timer out, 12 page fault done, 13 migrated, 14 sample, 15 stop, 16 value steps " \
	      "before this were dropped, 17 value page faults in a row, 18 the file of the "       \
	      "descriptor of the system call before")                                              \
	FIELD(number, INT, "",                                                                     \
	      "system call, interrupt or softirq number, state when switched out (0: it was "      \
	      "runnable), 1 for a major fault, 1 if woken by an interrupt, CPU migrated to, "      \
	      "descriptor of a file")                                                              \
	FIELD(name, STRING, "", "of the system call, interrupt, softirq or timer handler")         \
	FIELD(peer, TASK, "", "task that woke it, 0 for an interrupt; or that runs instead of it") \
	FIELD(value, INT, "",                                                                      \
	      "result of the system call, address of the fault, or a number (see step_type)")      \
	FIELD(arguments, STRING, "", "of the system call, as text")                                \
	FIELD(blocked, UINT, "ns", "for switched in: time blocked")                                \
	FIELD(runnable, UINT, "ns", "for switched in: time runnable without running")              \
	FIELD(kernel_stack, STACK, "", "of task; for woken, of the waker")                         \
	FIELD(user_stack, STACK, "", "of task; for woken, of the waker")                           \
	FIELD(duration, UINT, "ns",                                                                \
	      "of the system call, interrupt, softirq, timer or page faults that it ends")         \
	FIELD(since, TIME, "ns", "for page faults in a row: when the first began")                 \
	FIELD(path, STRING, "", "of a file, as its process sees it, or pipe:[inode] and the like")

#define DZ_FIELDS_section_histogram(FIELD)                                                         \
	FIELD(time, TIME, "ns",                                                                    \
	      "when the counts were read; only the last record of a bucket counts")                \
	FIELD(task, TASK, "", "the process")                                                       \
	FIELD(source, UINT, "", "as in section")                                                   \
	FIELD(label, STRING, "", "as in section")                                                  \
	FIELD(bucket, UINT, "",                                                                    \
	      "sections of 2^bucket to 2^(bucket+1)-1 ns; bucket 0 also holds 0 ns, 47 all above") \
	FIELD(count, UINT, "", "number of these sections, kept or not, since the recording began") \
	FIELD(sum, UINT, "ns", "of their durations")                                               \
	FIELD(min, UINT, "ns", "the shortest of them")                                             \
	FIELD(max, UINT, "ns", "the longest of them")                                              \
	FIELD(kept, UINT, "", "number of them that took at least their threshold")

#define DZ_FIELDS_phase(FIELD)                                                                     \
	FIELD(time, TIME, "ns", "when the section was stopped")                                    \
	FIELD(task, TASK, "", "thread of the section")                                             \
	FIELD(section, UINT, "", "id of the section")                                              \
	FIELD(state, UINT, "",                                                                     \
	      "0 user mode, 1 kernel mode, 2 page fault, 3 interrupt, 4 runnable, 5 "              \
	      "preempted, 6 blocked, 7 uninterruptible")                                           \
	FIELD(system_call, INT, "", "number of the system call it was in, -1 for none")            \
	FIELD(name, STRING, "", "of the system call")                                              \
	FIELD(duration, UINT, "ns", "total; the durations of one section add up to its duration")  \
	FIELD(count, UINT, "", "number of times it entered this state")                            \
	FIELD(outermost, UINT, "", "id of the outermost section around it")

#define DZ_FIELDS_runq(FIELD)                                                                      \
	FIELD(time, TIME, "ns", "when it got a CPU")                                               \
	FIELD(cpu, UINT, "", "CPU that it got")                                                    \
	FIELD(task, TASK, "", "task that waited")                                                  \
	FIELD(waited, UINT, "ns", "time for which it was runnable without running")                \
	FIELD(cause, UINT, "", "why it was runnable: 0 woken, 1 preempted, 2 created")             \
	FIELD(waker, TASK, "",                                                                     \
	      "task that woke or created it; 0 for an interrupt, and if it was preempted")         \
	FIELD(interrupt, FLAG, "", "an interrupt woke it")                                         \
	FIELD(throttled, FLAG, "", "the CPU limit of a control group held it back")                \
	FIELD(moves, UINT, "", "number of times it was moved to another CPU while it waited")      \
	FIELD(previous, TASK, "",                                                                  \
	      "task that ran on that CPU before it; pid 0 if it was idle; 0 if it is not known")

#define DZ_FIELDS_runq_holder(FIELD)                                                               \
	FIELD(time, TIME, "ns", "of the record of kind runq")                                      \
	FIELD(cpu, UINT, "", "of that record")                                                     \
	FIELD(task, TASK, "", "task that waited")                                                  \
	FIELD(holder, TASK, "",                                                                    \
	      "task that ran where it waited; pid 0 if that CPU was idle; 0 if it is not known")   \
	FIELD(held, UINT, "ns", "time for which the holder ran; those of one wait add up to it")

#define DZ_FIELDS_cpu(FIELD)                                                                       \
	FIELD(time, TIME, "ns", "when the last one was taken")                                     \
	FIELD(cpu, UINT, "", "CPU")                                                                \
	FIELD(task, TASK, "", "task that ran")                                                     \
	FIELD(period, UINT, "ns",                                                                  \
	      "time from one sample of a CPU to the next, for which it counts")                    \
	FIELD(kernel_stack, STACK, "", "")                                                         \
	FIELD(user_stack, STACK, "", "")                                                           \
	FIELD(count, UINT, "", "number of samples with this task and these stacks; 0 means 1")     \
	FIELD(span, UINT, "ns", "time from the first of them to the last")                         \
	FIELD(events, UINT, "",                                                                    \
	      "number of events for which they stand, if not of a clock: period is 0 then")

#define DZ_FIELDS_offcpu(FIELD)                                                                    \
	FIELD(time, TIME, "ns", "when it was woken, the last time")                                \
	FIELD(cpu, UINT, "", "CPU on which its waker ran")                                         \
	FIELD(task, TASK, "", "task that was blocked")                                             \
	FIELD(blocked, UINT, "ns",                                                                 \
	      "time from leaving its CPU until it was woken; all such times together")             \
	FIELD(count, UINT, "",                                                                     \
	      "number of times; times shorter than a threshold are added up by task, stacks, "     \
	      "state "                                                                             \
	      "and waker")                                                                         \
	FIELD(span, UINT, "ns", "time from when it was blocked first to `time`")                   \
	FIELD(state, UINT, "", "how: 0 sleeping, 1 uninterruptible, 2 stopped or traced, 3 other") \
	FIELD(waker, TASK, "", "task that woke it; 0 for an interrupt, and if open")               \
	FIELD(interrupt, FLAG, "", "an interrupt woke it")                                         \
	FIELD(began, FLAG, "",                                                                     \
	      "it was blocked when the recording began, from which on this counts")                \
	FIELD(open, FLAG, "", "it was still blocked when the recording ended")                     \
	FIELD(kernel_stack, STACK, "", "where the task was blocked")                               \
	FIELD(user_stack, STACK, "", "where the task was blocked")                                 \
	FIELD(waker_kernel_stack, STACK, "", "of the waker, if the time is not added up")          \
	FIELD(waker_user_stack, STACK, "", "of the waker, if the time is not added up")

enum dz_kind {
#define DZ_KIND_ENUMERATOR(number, NAME, name, subject, select, meaning) DZ_KIND_##NAME = (number),
	DZ_KINDS(DZ_KIND_ENUMERATOR)
#undef DZ_KIND_ENUMERATOR
};

/* First numbers of the ranges of kinds. */
#define DZ_KIND_FIRST_NOT_DICTIONARY 16u
#define DZ_KIND_FIRST_EVENT          32u

/* struct dz_exit and so on, a record of each kind: one 64-bit value for each field, in the order of
 * the list. INT is two's complement. */
#define DZ_MEMBER(name, type, unit, meaning) uint64_t name;
#define DZ_ROW(number, NAME, name, subject, select, meaning)                                       \
	struct dz_##name {                                                                         \
		DZ_FIELDS_##name(DZ_MEMBER)                                                        \
	};
DZ_KINDS(DZ_ROW)
#undef DZ_ROW
#undef DZ_MEMBER

struct dz_field_schema {
	const char *name; /* NUL-terminated */
	enum dz_type type;
	const char *unit;    /* NUL-terminated, empty for none */
	const char *meaning; /* NUL-terminated */
};

struct dz_kind_schema {
	uint32_t kind;
	const char *name;    /* NUL-terminated */
	const char *meaning; /* NUL-terminated; NULL for kinds read from a file */
	uint32_t field_count;
	const struct dz_field_schema *fields;
};

/* Returns the kinds of this version, in ascending order of their numbers. Static. */
const struct dz_kind_schema *dz_schema_kinds(size_t *ret_count);

/* Returns the schema of a kind of this version, NULL if this version does not know the kind.
 * Static.
 */
const struct dz_kind_schema *dz_schema_find(uint32_t kind);

#endif
