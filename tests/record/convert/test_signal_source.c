/* tests/record/convert/test_signal_source.c - record/convert/signal_source.c */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "record/convert/signal_source.h"

#define NONE      SIGNAL_FACT_NO_INFO
#define KERNEL    SIGNAL_FACT_KERNEL_INFO
#define EXITING   SIGNAL_FACT_SENDER_EXITING
#define LEADS     SIGNAL_FACT_SENDER_LEADS
#define SELF      SIGNAL_FACT_SELF
#define GROUP     SIGNAL_FACT_GROUP
#define CODE_KERN 0x80

struct known {
	const char *what;
	int signal;
	int code;
	unsigned int facts;
	int system_call;
	enum dz_signal_source origin;
};

static void assert_known(const struct known *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct event_signal event = {
			.signal = (uint8_t)known[i].signal,
			.code = known[i].code,
			.facts = (uint16_t)known[i].facts,
			.system_call = known[i].system_call ? known[i].system_call : -1,
		};

		if (signal_source_of(&event) != known[i].origin)
			fail_msg("%s: origin %d, expected %d", known[i].what,
				 (int)signal_source_of(&event), (int)known[i].origin);
	}
}

#define ASSERT_KNOWN(table) assert_known(table, sizeof(table) / sizeof((table)[0]))

static void si_code_of_a_signal_shows_its_source(void **state)
{
	static const struct known known[] = {
		{"kill", SIGTERM, SI_USER, GROUP, SYS_kill, DZ_SIGNAL_SOURCE_PROCESS},
		{"tgkill", SIGSEGV, SI_TKILL, 0, SYS_tgkill, DZ_SIGNAL_SOURCE_PROCESS},
		{"sigqueue", SIGKILL, SI_QUEUE, GROUP, SYS_rt_sigqueueinfo,
		 DZ_SIGNAL_SOURCE_PROCESS},
		{"fault", SIGSEGV, 1, SELF, 0, DZ_SIGNAL_SOURCE_FAULT},
		{"general protection", SIGSEGV, CODE_KERN, SELF, 0, DZ_SIGNAL_SOURCE_FAULT},
		{"division", SIGFPE, 1, SELF, 0, DZ_SIGNAL_SOURCE_FAULT},
		{"seccomp", SIGSYS, 1, SELF, 39, DZ_SIGNAL_SOURCE_SECCOMP},
		{"posix timer", 34, SI_TIMER, GROUP, 0, DZ_SIGNAL_SOURCE_TIMER},
		{"message queue", SIGUSR1, SI_MESGQ, GROUP, 0, DZ_SIGNAL_SOURCE_INPUT_OUTPUT},
		{"child", SIGCHLD, CLD_EXITED, EXITING | GROUP, 231, DZ_SIGNAL_SOURCE_CHILD},
		{"stopped child", SIGCHLD, CLD_STOPPED, GROUP, 0, DZ_SIGNAL_SOURCE_CHILD},
		{"clone with another signal", SIGUSR2, CLD_EXITED, EXITING, 231,
		 DZ_SIGNAL_SOURCE_CHILD},
		{"F_SETSIG", SIGUSR1, POLL_IN, 0, 1, DZ_SIGNAL_SOURCE_INPUT_OUTPUT},
	};

	(void)state;
	ASSERT_KNOWN(known);
}

static void a_process_cannot_pretend_to_be_a_timer(void **state)
{
	static const struct known known[] = {
		{"forged timer", SIGUSR1, SI_TIMER, GROUP, SYS_rt_sigqueueinfo,
		 DZ_SIGNAL_SOURCE_PROCESS},
		{"forged queue", SIGUSR1, SI_MESGQ, 0, SYS_rt_tgsigqueueinfo,
		 DZ_SIGNAL_SOURCE_PROCESS},
		{"own code", SIGUSR1, -42, GROUP, SYS_pidfd_send_signal, DZ_SIGNAL_SOURCE_PROCESS},
	};

	(void)state;
	ASSERT_KNOWN(known);
}

static void signal_and_circumstances_show_the_reason_of_the_kernel(void **state)
{
	static const struct known known[] = {
		{"alarm", SIGALRM, CODE_KERN, KERNEL | GROUP, 0, DZ_SIGNAL_SOURCE_TIMER},
		{"profiling timer", SIGPROF, CODE_KERN, KERNEL | GROUP, 0, DZ_SIGNAL_SOURCE_TIMER},
		{"soft CPU limit", SIGXCPU, CODE_KERN, KERNEL | SELF, 0,
		 DZ_SIGNAL_SOURCE_RESOURCE_LIMIT},
		{"hard CPU limit", SIGKILL, CODE_KERN,
		 KERNEL | GROUP | SELF | SIGNAL_FACT_CPU_LIMIT, 0, DZ_SIGNAL_SOURCE_RESOURCE_LIMIT},
		{"memory", SIGKILL, CODE_KERN, KERNEL | GROUP, 0, DZ_SIGNAL_SOURCE_OUT_OF_MEMORY},
		{"memory, itself", SIGKILL, CODE_KERN, KERNEL | GROUP | SELF, 0,
		 DZ_SIGNAL_SOURCE_OUT_OF_MEMORY},
		{"pid namespace", SIGKILL, CODE_KERN, KERNEL | GROUP | EXITING, 231,
		 DZ_SIGNAL_SOURCE_PID_NAMESPACE},
		{"exit of another process", SIGKILL, CODE_KERN, KERNEL | EXITING, 231,
		 DZ_SIGNAL_SOURCE_KERNEL},
		{"Ctrl-C", SIGINT, CODE_KERN, KERNEL | GROUP, 0, DZ_SIGNAL_SOURCE_TERMINAL},
		{"hang-up", SIGHUP, CODE_KERN, KERNEL | GROUP, 0, DZ_SIGNAL_SOURCE_TERMINAL},
		{"end of a session", SIGHUP, CODE_KERN, KERNEL | GROUP | EXITING | LEADS, 231,
		 DZ_SIGNAL_SOURCE_TERMINAL},
		{"orphaned group", SIGHUP, CODE_KERN, KERNEL | GROUP | EXITING, 231,
		 DZ_SIGNAL_SOURCE_KERNEL},
		{"SIGIO", SIGIO, CODE_KERN, KERNEL, 0, DZ_SIGNAL_SOURCE_INPUT_OUTPUT},
		{"power", SIGPWR, CODE_KERN, KERNEL, 0, DZ_SIGNAL_SOURCE_KERNEL},
	};

	(void)state;
	ASSERT_KNOWN(known);
}

static void a_tracer_is_named_if_it_sent_the_signal(void **state)
{
	const unsigned int tracer = SIGNAL_FACT_TRACER;
	const unsigned int exit_kill = SIGNAL_FACT_TRACER | SIGNAL_FACT_EXIT_KILL;
	const struct known known[] = {
		{"PTRACE_KILL", SIGKILL, SI_USER, NONE | tracer, SYS_ptrace,
		 DZ_SIGNAL_SOURCE_TRACER},
		{"PTRACE_ATTACH", SIGSTOP, CODE_KERN, KERNEL | tracer, SYS_ptrace,
		 DZ_SIGNAL_SOURCE_TRACER},
		{"kill by a tracer", SIGKILL, SI_USER, tracer | GROUP, SYS_kill,
		 DZ_SIGNAL_SOURCE_PROCESS},
		{"cgroup.kill by a tracer", SIGKILL, SI_USER, NONE | tracer, SYS_write,
		 DZ_SIGNAL_SOURCE_CGROUP_KILL},
		{"PTRACE_O_EXITKILL", SIGKILL, CODE_KERN, KERNEL | EXITING | exit_kill, 231,
		 DZ_SIGNAL_SOURCE_TRACER_EXIT},
		{"exit of a tracer", SIGKILL, CODE_KERN, KERNEL | EXITING | tracer, 231,
		 DZ_SIGNAL_SOURCE_KERNEL},
	};

	(void)state;
	ASSERT_KNOWN(known);
}

static void a_signal_without_info_is_from_the_kernel(void **state)
{
	static const struct known known[] = {
		{"pipe", SIGPIPE, SI_USER, NONE | SELF, 1, DZ_SIGNAL_SOURCE_PIPE},
		{"kill with SIGPIPE", SIGPIPE, SI_USER, SELF, SYS_kill, DZ_SIGNAL_SOURCE_PROCESS},
		{"file size", SIGXFSZ, SI_USER, NONE | SELF, 1, DZ_SIGNAL_SOURCE_RESOURCE_LIMIT},
		{"parent death", SIGUSR2, SI_USER, NONE | EXITING | SIGNAL_FACT_PARENT_DEATH, 231,
		 DZ_SIGNAL_SOURCE_PARENT_DEATH},
		{"parent death by kill", SIGKILL, SI_USER,
		 NONE | EXITING | SIGNAL_FACT_PARENT_DEATH, 231, DZ_SIGNAL_SOURCE_PARENT_DEATH},
		{"cgroup.kill", SIGKILL, SI_USER, NONE, 1, DZ_SIGNAL_SOURCE_CGROUP_KILL},
		{"failed exec", SIGKILL, SI_USER, NONE | SELF, 59, DZ_SIGNAL_SOURCE_KERNEL},
	};

	(void)state;
	ASSERT_KNOWN(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(si_code_of_a_signal_shows_its_source),
		cmocka_unit_test(a_process_cannot_pretend_to_be_a_timer),
		cmocka_unit_test(signal_and_circumstances_show_the_reason_of_the_kernel),
		cmocka_unit_test(a_signal_without_info_is_from_the_kernel),
		cmocka_unit_test(a_tracer_is_named_if_it_sent_the_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
