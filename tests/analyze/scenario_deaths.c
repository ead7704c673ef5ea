/* tests/analyze/scenario_deaths.c - deaths of every kind, hostile names, probes, command lines */
#include "tests/analyze/scenario.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* System calls of x86-64. */
#define CALL_NONE       ((uint64_t)-1)
#define CALL_EXIT       60
#define CALL_EXIT_GROUP 231
#define CALL_KILL       62
#define CALL_TGKILL     234
#define CALL_QUEUE      129
#define CALL_PIDFD      424
#define CALL_WRITE      1
#define CALL_EPOLL_WAIT 232

#define CODE_KERNEL 0x80
#define MINUS(n)    ((uint64_t) - (n))

/* Tasks that many deaths have to do with. */
struct cast {
	uint64_t init;
	uint64_t bash;
};

static struct cast add_cast(struct scenario *scenario)
{
	struct cast cast;
	uint64_t sshd;

	scenario_info(scenario, "recorder.command", "diag-record -o deaths.dz");
	scenario_info(scenario, "recorder.version", "0.1.0");
	scenario_info(scenario, "host.name", "osd7");
	scenario_info(scenario, "host.kernel", "6.1.0-49-amd64");
	cast.init = scenario_task(scenario, &(struct scenario_task){.pid = 1,
								    .comm = "systemd",
								    .cgroup = "/init.scope",
								    .age_ns = 8 * 86400 * SECOND});
	sshd = scenario_task(scenario,
			     &(struct scenario_task){.parent = cast.init,
						     .pid = 901,
						     .comm = "sshd",
						     .cgroup = "/system.slice/ssh.service",
						     .age_ns = 7 * 86400 * SECOND});
	cast.bash = scenario_task(scenario,
				  &(struct scenario_task){.parent = sshd,
							  .pid = 22222,
							  .comm = "bash",
							  .cgroup = "/user.slice/user-0.slice",
							  .age_ns = 600 * SECOND});
	return cast;
}

static uint64_t add_victim(struct scenario *scenario, const struct cast *cast, uint32_t pid,
			   const char *comm, uint64_t age_ns)
{
	return scenario_task(scenario,
			     &(struct scenario_task){.parent = cast->init,
						     .pid = pid,
						     .comm = comm,
						     .cgroup = "/system.slice/app.service",
						     .uid = 1000,
						     .age_ns = age_ns});
}

/* A signal that ends a process without a core: every thread is woken with SIGKILL. */
static void kill_quietly(struct scenario *scenario, struct dz_signal signal, const char *stack)
{
	scenario_signal(scenario, signal);
	scenario_delivery(scenario,
			  (struct dz_delivery){.task = signal.receiver,
					       .signal = 9,
					       .code = CODE_KERNEL,
					       .group_code = signal.signal,
					       .user_stack = scenario_stack(scenario, stack)});
	scenario_exit(scenario, (struct dz_exit){.task = signal.receiver,
						 .signal = signal.signal,
						 .system_call = CALL_EPOLL_WAIT});
}

/* A signal that dumps core is delivered under its own number. */
static void kill_with_core(struct scenario *scenario, struct dz_signal signal, const char *stack)
{
	scenario_signal(scenario, signal);
	scenario_delivery(scenario,
			  (struct dz_delivery){.task = signal.receiver,
					       .signal = signal.signal,
					       .code = signal.code,
					       .address = signal.address,
					       .user_stack = scenario_stack(scenario, stack)});
	scenario_exit(scenario, (struct dz_exit){.task = signal.receiver,
						 .signal = signal.signal,
						 .core_dumped = 1,
						 .system_call = CALL_NONE});
}

static void add_sent(struct scenario *scenario, const struct cast *cast)
{
	uint64_t osd = add_victim(scenario, cast, 20305, "ceph-osd", 533529 * SECOND);
	uint64_t queue = add_victim(scenario, cast, 20306, "queue", 3 * SECOND);
	uint64_t descriptor = add_victim(scenario, cast, 20307, "descriptor", 4 * SECOND);
	uint64_t sent_from = scenario_stack(scenario, "main;execute;kill@/lib/libc.so.6");

	kill_quietly(scenario,
		     (struct dz_signal){.task = cast->bash,
					.receiver = osd,
					.signal = 10,
					.group = 1,
					.system_call = CALL_KILL,
					.user_stack = sent_from},
		     "main;Worker::loop;epoll_wait@/lib/libc.so.6");
	kill_quietly(scenario,
		     (struct dz_signal){.task = cast->bash,
					.receiver = queue,
					.signal = 37,
					.code = MINUS(1),
					.group = 1,
					.value = 5,
					.system_call = CALL_QUEUE},
		     "main;pause@/lib/libc.so.6");
	kill_quietly(scenario,
		     (struct dz_signal){.task = cast->bash,
					.receiver = descriptor,
					.signal = 9,
					.group = 1,
					.system_call = CALL_PIDFD},
		     "main;pause@/lib/libc.so.6");
}

static void add_faults(struct scenario *scenario, const struct cast *cast)
{
	uint64_t parser = add_victim(scenario, cast, 30001, "parser", SECOND / 2);
	uint64_t aborter = add_victim(scenario, cast, 30002, "aborter", SECOND);
	uint64_t wild = add_victim(scenario, cast, 30003, "wild", SECOND);

	kill_with_core(scenario,
		       (struct dz_signal){.task = parser,
					  .receiver = parser,
					  .signal = 11,
					  .code = 1,
					  .source = 2,
					  .system_call = CALL_NONE,
					  .address = 0x10,
					  .value = 1},
		       "_start;main;parse_file;parse_line");
	kill_with_core(
		scenario,
		(struct dz_signal){.task = aborter,
				   .receiver = aborter,
				   .signal = 6,
				   .code = MINUS(6),
				   .system_call = CALL_TGKILL},
		"_start;main;third_init@/opt/libthird.so;third_check_failed@/opt/libthird.so;"
		"abort@/lib/libc.so.6;raise@/lib/libc.so.6");
	kill_with_core(scenario,
		       (struct dz_signal){.task = wild,
					  .receiver = wild,
					  .signal = 11,
					  .code = CODE_KERNEL,
					  .source = 2,
					  .system_call = CALL_NONE},
		       "_start;main;?");
}

/* A signal by the kernel, for each source that has dedicated words. */
static void add_kernel(struct scenario *scenario, const struct cast *cast)
{
	static const struct {
		const char *comm;
		uint32_t signal;
		uint32_t source;
		uint64_t system_call;
		uint64_t value;
	} deaths[] = {
		{"alarmed", 14, 3, CALL_NONE, 0},       {"hungup", 1, 4, CALL_NONE, 0},
		{"interrupted", 2, 4, CALL_NONE, 0},    {"jailed", 31, 6, CALL_WRITE, 41},
		{"orphan", 15, 7, CALL_NONE, 0},        {"piper", 13, 8, CALL_WRITE, 0},
		{"spinner", 24, 10, CALL_NONE, 0},      {"writer", 25, 10, CALL_WRITE, 0},
		{"contained", 9, 12, CALL_NONE, 0},     {"grouped", 9, 13, CALL_WRITE, 0},
		{"kernel-killed", 9, 1, CALL_WRITE, 0}, {"watcher", 29, 11, CALL_NONE, 0},
	};

	for (uint32_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		uint64_t victim = add_victim(scenario, cast, 31000 + i, deaths[i].comm, SECOND);
		uint32_t source = deaths[i].source;
		bool by_task = source == 7 || source == 12 || source == 13;

		kill_quietly(scenario,
			     (struct dz_signal){.task = by_task ? cast->bash : victim,
						.receiver = victim,
						.signal = deaths[i].signal,
						.code = CODE_KERNEL,
						.group = 1,
						.source = source,
						.value = deaths[i].value,
						.system_call = deaths[i].system_call},
			     "main;work");
	}
}

static void add_oom(struct scenario *scenario, const struct cast *cast)
{
	uint64_t hog = add_victim(scenario, cast, 32000, "hog", 90 * SECOND);

	scenario_oom(scenario, (struct dz_oom){.task = cast->bash,
					       .victim = hog,
					       .total_vm = UINT64_C(1) << 31,
					       .anon_rss = UINT64_C(1) << 30,
					       .file_rss = 4096,
					       .score_adjustment = MINUS(100),
					       .limit_cgroup = scenario_text(scenario, "/batch"),
					       .limit = UINT64_C(1) << 30,
					       .usage = (UINT64_C(1) << 30) - 8192,
					       .memory_total = UINT64_C(1) << 34,
					       .limits_read = 1});
	kill_quietly(scenario,
		     (struct dz_signal){.task = cast->bash,
					.receiver = hog,
					.signal = 9,
					.code = CODE_KERNEL,
					.group = 1,
					.source = 5,
					.system_call = CALL_NONE},
		     "main;fill");
}

/* The signal waits for ten minutes, while others come and are handled. */
static void add_pending(struct scenario *scenario, const struct cast *cast)
{
	uint64_t slow = add_victim(scenario, cast, 33000, "slow", 3600 * SECOND);
	const struct dz_signal term = {.task = cast->bash,
				       .receiver = slow,
				       .signal = 15,
				       .group = 1,
				       .system_call = CALL_KILL};
	struct dz_signal handled = term;

	scenario_signal(scenario, term);
	handled.signal = 12;
	for (int i = 0; i < 3; i++) {
		scenario_signal(scenario, handled);
		scenario_delivery(scenario,
				  (struct dz_delivery){.task = slow, .signal = 12, .handled = 1});
	}
	scenario->now_ns += 600 * SECOND;
	scenario_delivery(scenario, (struct dz_delivery){.task = slow,
							 .signal = 9,
							 .code = CODE_KERNEL,
							 .group_code = 15});
	scenario_exit(scenario,
		      (struct dz_exit){.task = slow, .signal = 15, .system_call = CALL_NONE});
}

/* A worker calls exit(3); the first thread is ended by it. */
static void add_worker_exit(struct scenario *scenario, const struct cast *cast)
{
	uint64_t leader = add_victim(scenario, cast, 34000, "server", 5 * SECOND);
	uint64_t worker = scenario_task(scenario, &(struct scenario_task){.parent = cast->init,
									  .pid = 34000,
									  .tid = 34001,
									  .comm = "worker",
									  .process_comm = "server",
									  .uid = 1000,
									  .age_ns = 5 * SECOND});

	scenario_exit(scenario,
		      (struct dz_exit){.task = worker,
				       .exit_code = 3,
				       .thread = 1,
				       .system_call = CALL_EXIT_GROUP,
				       .user_stack = scenario_stack(
					       scenario, "clone3@/lib/libc.so.6;run;give_up;"
							 "exit@/lib/libc.so.6")});
	scenario_delivery(scenario, (struct dz_delivery){.task = leader,
							 .signal = 9,
							 .code = CODE_KERNEL,
							 .group_code = 0x300});
	scenario_exit(
		scenario,
		(struct dz_exit){.task = leader, .exit_code = 3, .system_call = CALL_EPOLL_WAIT});
}

/* The old first thread ends, and the process goes on. */
static void add_exec(struct scenario *scenario, const struct cast *cast)
{
	uint64_t leader = add_victim(scenario, cast, 34500, "before-exec", SECOND);

	scenario_delivery(scenario,
			  (struct dz_delivery){.task = leader, .signal = 9, .code = CODE_KERNEL});
	scenario_exit(
		scenario,
		(struct dz_exit){.task = leader, .thread = 1, .system_call = CALL_EPOLL_WAIT});
}

static void add_own_ends(struct scenario *scenario, const struct cast *cast)
{
	for (uint32_t i = 0; i < 5; i++)
		scenario_exit(scenario,
			      (struct dz_exit){.task = add_victim(scenario, cast, 35000 + i,
								  "batch", SECOND),
					       .exit_code = 1,
					       .system_call = CALL_EXIT_GROUP});
	for (uint32_t i = 0; i < 10; i++)
		scenario_exit(scenario,
			      (struct dz_exit){.task = add_victim(scenario, cast, 36000 + i, "true",
								  SECOND / 500),
					       .system_call = CALL_EXIT_GROUP,
					       .kernel_stack = scenario_stack(
						       scenario, "entry_SYSCALL_64@[kernel];"
								 "do_exit@[kernel]")});
}

void scenario_deaths(struct scenario *scenario)
{
	struct cast cast = add_cast(scenario);

	add_own_ends(scenario, &cast);
	add_sent(scenario, &cast);
	add_faults(scenario, &cast);
	add_kernel(scenario, &cast);
	add_oom(scenario, &cast);
	add_pending(scenario, &cast);
	add_worker_exit(scenario, &cast);
	add_exec(scenario, &cast);
	scenario_info(scenario, "recorder.cpu_ns", "600000000");
}

void scenario_hostile(struct scenario *scenario)
{
	static const char *const names[] = {
		"<b>;\x1b[31m\"\n", "a b 12",    "#comment", "\xff\xfe\x80", "\342\200\256evil",
		"\302\2332J",       "\x7f\\x41", " 99999",   "]]><!--",      "'\"`$(id)",
	};
	struct cast cast = add_cast(scenario);

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t task = scenario_task(scenario, &(struct scenario_task){.parent = cast.init,
										.pid = 40000 + i,
										.comm = names[i],
										.cgroup = names[i],
										.age_ns = SECOND});
		char frames[64];

		kill_quietly(scenario,
			     (struct dz_signal){.task = task,
						.receiver = cast.bash,
						.signal = 15,
						.group = 1,
						.system_call = CALL_KILL},
			     "main");
		snprintf(frames, sizeof(frames), "main;%s@%s",
			 strchr(names[i], ';') ? "<i>\x1b]0;x\a" : names[i], "/tmp/a b\n.so");
		scenario_exit(scenario,
			      (struct dz_exit){.task = task,
					       .exit_code = 1,
					       .system_call = CALL_EXIT_GROUP,
					       .user_stack = scenario_stack(scenario, frames)});
	}
}

void scenario_probes(struct scenario *scenario)
{
	struct cast cast = add_cast(scenario);
	uint64_t kernel = scenario_stack(
		scenario, "entry_SYSCALL_64@[kernel];ksys_read@[kernel];vfs_read@[kernel]");
	uint64_t user = scenario_stack(scenario, "main;load;read@/lib/libc.so.6");

	for (uint32_t i = 0; i < 10; i++)
		scenario_probe(scenario,
			       (struct dz_probe){
				       .cpu = i % 2,
				       .task = cast.bash,
				       .probe = scenario_text(scenario, i < 4 ? "kretprobe:vfs_read"
									      : "kprobe:vfs_read"),
				       .latency = i < 4 ? 1500 * (i + 1) : 0,
				       .result = i < 4 ? 4096 : 0,
				       .arguments = scenario_text(scenario, "count=4096"),
				       .kernel_stack = kernel,
				       .user_stack = i % 2 ? user : 0});
	scenario_section(scenario, (struct dz_section){.start = scenario->now_ns - 800000000,
						       .task = cast.bash,
						       .id = 1,
						       .label = scenario_text(scenario, "request"),
						       .threshold = 500000000});
	scenario_lost(scenario, "probe", "ring full", 5);
	scenario_lost(scenario, "signal", "ring full", 7);
}

/* systemd, sshd of which no command line is known, and a shell. */
static struct cast add_commanders(struct scenario *scenario)
{
	struct cast cast;
	uint64_t sshd;

	cast.init = scenario_task(scenario, &(struct scenario_task){.pid = 1,
								    .comm = "systemd",
								    .age_ns = 86400 * SECOND,
								    .command_line = "/sbin/init"});
	sshd = scenario_task(scenario, &(struct scenario_task){.parent = cast.init,
							       .pid = 901,
							       .comm = "sshd",
							       .age_ns = 86000 * SECOND});
	cast.bash = scenario_task(
		scenario, &(struct scenario_task){
				  .parent = sshd,
				  .pid = 22222,
				  .comm = "bash",
				  .cgroup = "/user.slice/user-0.slice",
				  .age_ns = 600 * SECOND,
				  .command_line = "bash -c for file in a b c d e f g h; do rm -f "
						  "\"$file\"; kill -USR1 $(pidof server); done "
						  "\x1b[31m; echo removed and told"});
	return cast;
}

static void add_removal(struct scenario *scenario, uint64_t parent, uint32_t tid)
{
	const uint64_t task = scenario_task(
		scenario, &(struct scenario_task){.parent = parent,
						  .pid = 23000,
						  .tid = tid,
						  .comm = "rm",
						  .age_ns = scenario->now_ns - SCENARIO_START_NS,
						  .command_line = "rm -f a\nb"});

	scenario_probe(scenario,
		       (struct dz_probe){.task = task,
					 .probe = scenario_text(scenario, "kprobe:do_unlinkat"),
					 .kernel_stack =
						 scenario_stack(scenario, "do_unlinkat@[kernel]")});
}

void scenario_commands(struct scenario *scenario)
{
	struct cast cast = add_commanders(scenario);
	uint64_t server = scenario_task(
		scenario, &(struct scenario_task){.parent = cast.init,
						  .pid = 500,
						  .comm = "server",
						  .cgroup = "/system.slice/server.service",
						  .age_ns = 3600 * SECOND,
						  .command_line = "server --port 80"});

	for (uint32_t i = 0; i < 3; i++)
		add_removal(scenario, cast.bash, 23000);
	add_removal(scenario, cast.bash, 23001);
	scenario_signal(scenario, (struct dz_signal){.task = cast.bash,
						     .receiver = server,
						     .signal = 12,
						     .group = 1,
						     .system_call = CALL_KILL});
	kill_quietly(scenario,
		     (struct dz_signal){.task = cast.bash,
					.receiver = server,
					.signal = 10,
					.group = 1,
					.system_call = CALL_KILL},
		     "main;wait_for_work");
	add_removal(scenario, cast.bash, 23000);
}
