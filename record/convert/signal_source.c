/* record/convert/signal_source.c - the source of a signal
 *
 * The kernel passes a signal in one of three forms. With a struct kernel_siginfo, si_code shows the
 * source, unless a process chose it with rt_sigqueueinfo(). With SEND_SIG_PRIV, the source is the
 * kernel; the reason follows from the signal and the circumstances. With SEND_SIG_NOINFO, it is the
 * kernel too, though the receiver sees the current process as sender; kill() never uses it.
 */
#include "record/convert/signal_source.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

/* si_code values of the kernel that are not in the headers of the C library. */
#define CODE_DETHREAD   (-7)
#define CODE_CHILD_LAST 6
#define CODE_SECCOMP    1

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

#define FAULT_SIGNALS                                                                              \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGILL) |      \
	 SIGNAL_BIT(SIGTRAP))
#define TIMER_SIGNALS (SIGNAL_BIT(SIGALRM) | SIGNAL_BIT(SIGVTALRM) | SIGNAL_BIT(SIGPROF))
#define LIMIT_SIGNALS (SIGNAL_BIT(SIGXCPU) | SIGNAL_BIT(SIGXFSZ))
#define TERMINAL_SIGNALS                                                                           \
	(SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) |    \
	 SIGNAL_BIT(SIGTTOU) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGCONT))
#define INPUT_SIGNALS (SIGNAL_BIT(SIGIO) | SIGNAL_BIT(SIGURG))

static bool signal_is_one_of(const struct event_signal *event, unsigned long long signals)
{
	return event->signal >= 1 && event->signal <= 64 && (SIGNAL_BIT(event->signal) & signals);
}

/* A system call by its number of each ABI. */
struct call {
	int native;
	int compat; /* of i386, see <asm/unistd_32.h> */
};

static bool signal_is_in_call(const struct event_signal *event, struct call call)
{
	return event->system_call ==
	       (event->task.flags & EVENT_TASK_COMPAT ? call.compat : call.native);
}

/* Only these system calls let a process choose si_code. */
static bool signal_is_queued(const struct event_signal *event)
{
	static const struct call calls[] = {
		{SYS_rt_sigqueueinfo, 178},
		{SYS_rt_tgsigqueueinfo, 335},
		{SYS_pidfd_send_signal, 424},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (signal_is_in_call(event, calls[i]))
			return true;
	}
	return false;
}

static enum dz_signal_source signal_source_of_kill(const struct event_signal *event)
{
	if (event->facts & SIGNAL_FACT_CPU_LIMIT && event->facts & SIGNAL_FACT_SELF)
		return DZ_SIGNAL_SOURCE_RESOURCE_LIMIT;
	if (!(event->facts & SIGNAL_FACT_GROUP))
		return DZ_SIGNAL_SOURCE_KERNEL;
	/* The exit of the first process of a PID namespace ends the others. */
	if (event->facts & SIGNAL_FACT_SENDER_EXITING)
		return DZ_SIGNAL_SOURCE_PID_NAMESPACE;
	return DZ_SIGNAL_SOURCE_OUT_OF_MEMORY;
}

static enum dz_signal_source source_by_kernel_info(const struct event_signal *event)
{
	if (event->signal == SIGKILL)
		return signal_source_of_kill(event);
	if (signal_is_one_of(event, TIMER_SIGNALS))
		return DZ_SIGNAL_SOURCE_TIMER;
	if (signal_is_one_of(event, LIMIT_SIGNALS))
		return DZ_SIGNAL_SOURCE_RESOURCE_LIMIT;
	if (signal_is_one_of(event, INPUT_SIGNALS))
		return DZ_SIGNAL_SOURCE_INPUT_OUTPUT;
	/* When a session leader exits, its terminal hangs up. When another process exits, it may
	 * leave a stopped process group that no process can continue. */
	if (signal_is_one_of(event, TERMINAL_SIGNALS) &&
	    (!(event->facts & SIGNAL_FACT_SENDER_EXITING) ||
	     event->facts & SIGNAL_FACT_SENDER_LEADS))
		return DZ_SIGNAL_SOURCE_TERMINAL;
	return DZ_SIGNAL_SOURCE_KERNEL;
}

static enum dz_signal_source source_by_no_info(const struct event_signal *event)
{
	if (event->facts & SIGNAL_FACT_SENDER_EXITING && event->facts & SIGNAL_FACT_PARENT_DEATH)
		return DZ_SIGNAL_SOURCE_PARENT_DEATH;
	if (event->signal == SIGPIPE)
		return DZ_SIGNAL_SOURCE_PIPE;
	if (signal_is_one_of(event, LIMIT_SIGNALS))
		return DZ_SIGNAL_SOURCE_RESOURCE_LIMIT;
	if (event->signal == SIGKILL && !(event->facts & SIGNAL_FACT_SELF))
		return DZ_SIGNAL_SOURCE_CGROUP_KILL;
	return DZ_SIGNAL_SOURCE_KERNEL;
}

static enum dz_signal_source source_by_code(const struct event_signal *event)
{
	if (signal_is_queued(event) && event->code < 0)
		return DZ_SIGNAL_SOURCE_PROCESS;
	switch (event->code) {
	case SI_USER:
	case SI_QUEUE:
	case SI_TKILL:
		return DZ_SIGNAL_SOURCE_PROCESS;
	case SI_TIMER:
		return DZ_SIGNAL_SOURCE_TIMER;
	case SI_MESGQ:
	case SI_ASYNCIO:
	case SI_SIGIO:
	case SI_ASYNCNL:
		return DZ_SIGNAL_SOURCE_INPUT_OUTPUT;
	case CODE_DETHREAD:
		return DZ_SIGNAL_SOURCE_KERNEL;
	default:
		break;
	}
	if (signal_is_one_of(event, FAULT_SIGNALS) && event->code > 0)
		return DZ_SIGNAL_SOURCE_FAULT;
	if (event->signal == SIGSYS && event->code == CODE_SECCOMP)
		return DZ_SIGNAL_SOURCE_SECCOMP;
	if (event->signal == SIGCHLD || event->facts & SIGNAL_FACT_SENDER_EXITING)
		return event->code > 0 && event->code <= CODE_CHILD_LAST ? DZ_SIGNAL_SOURCE_CHILD
									 : DZ_SIGNAL_SOURCE_KERNEL;
	/* With F_SETSIG, any signal can have POLL_IN and the like as its code. */
	if (event->code > 0 && event->code < SI_KERNEL)
		return DZ_SIGNAL_SOURCE_INPUT_OUTPUT;
	return event->code < 0 ? DZ_SIGNAL_SOURCE_PROCESS : DZ_SIGNAL_SOURCE_KERNEL;
}

/* PTRACE_KILL and PTRACE_ATTACH pass no struct kernel_siginfo, nor does the exit of a tracer. */
static bool signal_is_of_tracer(const struct event_signal *event)
{
	return event->facts & SIGNAL_FACT_TRACER &&
	       event->facts & (SIGNAL_FACT_KERNEL_INFO | SIGNAL_FACT_NO_INFO) &&
	       signal_is_in_call(event, (struct call){SYS_ptrace, 26});
}

static bool signal_is_of_tracer_exit(const struct event_signal *event)
{
	return event->signal == SIGKILL && event->facts & SIGNAL_FACT_TRACER &&
	       event->facts & SIGNAL_FACT_KERNEL_INFO && event->facts & SIGNAL_FACT_EXIT_KILL &&
	       event->facts & SIGNAL_FACT_SENDER_EXITING;
}

enum dz_signal_source signal_source_of(const struct event_signal *event)
{
	if (signal_is_of_tracer(event))
		return DZ_SIGNAL_SOURCE_TRACER;
	if (signal_is_of_tracer_exit(event))
		return DZ_SIGNAL_SOURCE_TRACER_EXIT;
	if (event->facts & SIGNAL_FACT_KERNEL_INFO)
		return source_by_kernel_info(event);
	if (event->facts & SIGNAL_FACT_NO_INFO)
		return source_by_no_info(event);
	return source_by_code(event);
}
