/* record/options/option_rules.c - which options of diag-record have an effect together
 *
 * The two tables decide. Their order decides which problem is reported first.
 */
#include "record/options/option_rules.h"

#include <stddef.h>

#define WITHOUT_PROBE                                                                              \
	"without a probe (-e kprobe:, kretprobe:, tracepoint:, uprobe:, uretprobe:, usdt:), or "   \
	"-F "                                                                                      \
	"99 for samples of CPUs"
#define WITHOUT_CHOICE    "without a probe, and without -e runq, cpu or offcpu"
#define OPTION_HAS_CHOICE (OPTION_HAS_PROBE | OPTION_HAS_SAMPLES | OPTION_HAS_WAITS)
#define WITHOUT_STACKS    "without -e exit, -e signal, -e section or --call-graph"
#define WITHOUT_FILE      "with --live and without --output: such a file has no name"

/* An option has an effect if the recording has one of the provisions. */
static const struct need {
	int key;
	const char *option;
	unsigned int provisions;
	const char *otherwise;
} needs[] = {
	{KEY_SIGNALS, "signals", OPTION_HAS_SIGNAL, "without -e signal"},
	{KEY_FAILED, "failed", OPTION_HAS_EXIT, "without -e exit"},
	{KEY_THREADS, "threads", OPTION_HAS_EXIT, "without -e exit"},
	{KEY_SENDER_TGID, "sender-tgid", OPTION_HAS_SIGNAL, "without -e signal"},
	{KEY_SENDER_COMM, "sender-comm", OPTION_HAS_SIGNAL, "without -e signal"},
	{'g', "call-graph", OPTION_HAS_PROBE | OPTION_HAS_SAMPLES, WITHOUT_PROBE},
	{KEY_EVERY, "every", OPTION_HAS_CHOICE, WITHOUT_CHOICE},
	{KEY_MAX_PER_SECOND, "max-per-second", OPTION_HAS_CHOICE, WITHOUT_CHOICE},
	{KEY_MIN_LATENCY, "min-latency", OPTION_HAS_KRETPROBE,
	 "without -e kretprobe: or uretprobe:"},
	{KEY_THRESHOLD, "threshold", OPTION_HAS_SECTION, "without -e section"},
	{KEY_THRESHOLD_US, "threshold-us", OPTION_HAS_SECTION, "without -e section"},
	{KEY_SLOWEST, "slowest", OPTION_HAS_SECTION, "without -e section"},
	{KEY_TIMER_US, "timer-us", OPTION_HAS_SECTION, "without -e section"},
	{KEY_BUF_SIZE_K, "buf-size-k", OPTION_HAS_SECTION, "without -e section"},
	{KEY_SET_SYSCALL, "set-syscall", OPTION_HAS_SECTION, "without -e section"},
	{KEY_UPROBE, "uprobe", OPTION_HAS_SECTION, "without -e section"},
	{KEY_USDT_IN, "usdt-in", OPTION_HAS_SECTION, "without -e section"},
	{KEY_USER_STACK, "user-stack",
	 OPTION_HAS_EXIT | OPTION_HAS_SIGNAL | OPTION_HAS_SECTION | OPTION_HAS_PROBE_STACKS,
	 WITHOUT_STACKS},
	{KEY_UNWIND_CPU, "unwind-cpu",
	 OPTION_HAS_EXIT | OPTION_HAS_SIGNAL | OPTION_HAS_SECTION | OPTION_HAS_PROBE_STACKS,
	 WITHOUT_STACKS},
	{KEY_KEEP, "keep", OPTION_HAS_DIRECTORY, "without a directory: use -o DIR/"},
	{KEY_TRIGGER, "trigger", OPTION_HAS_FLIGHT, "without --flight"},
	{KEY_AFTER, "after", OPTION_HAS_TRIGGER, "without --trigger"},
	{KEY_COOLDOWN, "cooldown", OPTION_HAS_TRIGGER, "without --trigger"},
	{KEY_MAX_WINDOWS, "max-windows", OPTION_HAS_TRIGGER, "without --trigger"},
	{'a', "all-processes", OPTION_HAS_COMMAND | OPTION_HAS_SAMPLES,
	 "without a COMMAND: the whole machine is recorded already, and -F 99 adds samples of "
	 "CPUs"},
	{KEY_JOURNAL, "journal", OPTION_HAS_EXIT, "without -e exit"},
	{KEY_KILL_AFTER, "kill-after", OPTION_HAS_COMMAND, "without a COMMAND"},
	{KEY_LIVE, "live", OPTION_HAS_EXIT | OPTION_HAS_SIGNAL, "without -e exit or -e signal"},
	{KEY_MAX_SIZE, "max-size", OPTION_HAS_NAMED_FILE, WITHOUT_FILE},
	{KEY_ROTATE, "rotate", OPTION_HAS_NAMED_FILE, WITHOUT_FILE},
	{KEY_MIN_FREE, "min-free", OPTION_HAS_NAMED_FILE, WITHOUT_FILE},
};

/* Two options of which one leaves nothing to do for the other. */
static const struct conflict {
	int key;
	const char *option;
	int other;
	const char *reason;
} conflicts[] = {
	{KEY_MAX_SIZE, "max-size", KEY_FLIGHT,
	 "cannot be combined with --flight: limit the size of a window with --flight TIME,SIZE"},
	{KEY_ROTATE, "rotate", KEY_FLIGHT,
	 "cannot be combined with --flight: limit the size of a window with --flight TIME,SIZE"},
	{KEY_MAX_SIZE, "max-size", KEY_ROTATE,
	 "cannot be combined with --rotate: limit the size of all files with --rotate SIZE,COUNT"},
	{KEY_DIRECTORY, "directory", 'o', "cannot be combined with --output"},
	{KEY_LIVE, "live", KEY_FLIGHT,
	 "cannot be combined with --flight: a window is written on request only"},
};

/* Accepted with --check and --self-test, which record nothing: switches that do no harm. */
static const int accepted_alone[] = {KEY_FORCE, 'q', 'v'};

/* Every option, for a message that names it; those of `needs` have their names there. */
static const struct {
	int key;
	const char *option;
} others[] = {
	{'o', "output"},
	{'e', "event"},
	{'F', "freq"},
	{'d', "duration"},
	{KEY_FLIGHT, "flight"},
	{'p', "tgid"},
	{'t', "tid"},
	{'c', "comm"},
	{'C', "cpu"},
	{KEY_UID, "uid"},
	{KEY_CGROUP, "cgroup"},
	{KEY_CMDLINE, "cmdline"},
	{KEY_DIRECTORY, "directory"},
	{KEY_CONTROL, "control"},
	{KEY_RING_SIZE, "ring-size"},
	{KEY_CHECK, "check"},
	{KEY_SELF_TEST, "self-test"},
};

static bool is_accepted_alone(int key)
{
	for (size_t i = 0; i < sizeof(accepted_alone) / sizeof(accepted_alone[0]); i++) {
		if (accepted_alone[i] == key)
			return true;
	}
	return false;
}

static const char *name_of(int key)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].key == key)
			return needs[i].option;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].key == key)
			return others[i].option;
	}
	return NULL;
}

/* With this option nothing is recorded, so that options about a recording have no effect. */
static bool check_alone(const struct option_set *given, int alone, struct problem *ret_problem)
{
	for (int key = 0; key < OPTION_KEYS_MAX; key++) {
		const char *name = name_of(key);

		if (name && key != alone && option_set_has(given, key) && !is_accepted_alone(key))
			return problem_set(ret_problem, "--%s has no effect with --%s", name,
					   name_of(alone));
	}
	return true;
}

static bool check_of_kernel(const struct option_set *given, unsigned int provisions,
			    struct problem *ret_problem)
{
	if (provisions & OPTION_HAS_SELF_TEST)
		return check_alone(given, KEY_SELF_TEST, ret_problem);
	if (!(provisions & OPTION_HAS_CHECK))
		return true;
	if (provisions & OPTION_HAS_COMMAND)
		return problem_set(ret_problem, "COMMAND has no effect with --check");
	return check_alone(given, KEY_CHECK, ret_problem);
}

static bool check_user_stacks(const struct option_set *given, unsigned int provisions,
			      struct problem *ret_problem)
{
	const int keys[] = {'g', KEY_UNWIND_CPU};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (option_set_has(given, keys[i]) && option_set_has(given, KEY_USER_STACK) &&
		    provisions & OPTION_HAS_NO_USER_STACKS)
			return problem_set(ret_problem, "--%s has no effect with --user-stack 0",
					   name_of(keys[i]));
	}
	return true;
}

bool option_rules_check(const struct option_set *given, unsigned int provisions,
			struct problem *ret_problem)
{
	if (!check_of_kernel(given, provisions, ret_problem))
		return false;
	for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
		const struct conflict *conflict = &conflicts[i];

		if (option_set_has(given, conflict->key) && option_set_has(given, conflict->other))
			return problem_set(ret_problem, "--%s %s", conflict->option,
					   conflict->reason);
	}
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct need *need = &needs[i];

		if (need->key == KEY_USER_STACK && provisions & OPTION_HAS_NO_USER_STACKS)
			continue; /* no user stacks are recorded already */
		if (option_set_has(given, need->key) && !(provisions & need->provisions))
			return problem_set(ret_problem, "--%s has no effect %s", need->option,
					   need->otherwise);
	}
	return check_user_stacks(given, provisions, ret_problem);
}
