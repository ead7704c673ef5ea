/* record/session/session.c - a run of diag-record: open, load, attach, drain, close
 *
 * Everything that needs root happens before the drain. Then privileges are dropped; a helper
 * process, started before, creates further files.
 */
#include "record/session/session.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/attach/losses.h"
#include "record/attach/programs.h"
#include "record/attach/rings.h"
#include "record/common/clock.h"
#include "record/common/fd_limit.h"
#include "record/common/message.h"
#include "record/common/pid_namespace.h"
#include "record/common/terminal.h"
#include "record/convert/section_rows.h"
#include "record/output/disk_writer.h"
#include "record/output/naming.h"
#include "record/output/output_helper.h"
#include "record/output/recording.h"
#include "record/output/size_limit.h"
#include "record/privilege/cpu_hotplug.h"
#include "record/privilege/privileges.h"
#include "record/privilege/workload.h"
#include "record/probes/probe_programs.h"
#include "record/sections/section_programs.h"
#include "record/session/absent.h"
#include "record/session/control.h"
#include "record/session/control_commands.h"
#include "record/session/end_signals.h"
#include "record/session/notify.h"
#include "record/session/session_convert.h"
#include "record/session/session_files.h"
#include "record/session/session_info.h"
#include "record/session/session_state.h"
#include "record/stacks/user_stacks.h"
#include "text/quantity.h"

#define SESSION_LOSSES_NS     1000000000u
#define SESSION_COUNTS_NS     10000000000u
#define SESSION_COUNTS_MIN_NS 1000000000u
/* How often rings are read while events wait for their stacks, and while they might. */
#define SESSION_POLL_WAITING_NS 20000000u
#define SESSION_POLL_STACKS_NS  100000000u
/* How often if there was no event for SESSION_IDLE_AFTER_NS. The next one wakes diag-record. */
#define SESSION_POLL_IDLE_NS  900000000u
#define SESSION_IDLE_AFTER_NS 300000000u
/* How often if besides nothing has changed since the last look, and nothing is under way: for what
 * nothing reports. */
#define SESSION_LOOK_NS UINT64_C(10000000000)
/* Events that wake it if they must, or are added up in the kernel. */
#define SESSION_EVENTS_WAKE  (OPTIONS_EXIT | OPTIONS_SIGNAL | OPTIONS_CPU)
#define SESSION_CONGESTED_MS 20
#define SESSION_MANY_LINKS   100 /* of probes: detaching more takes seconds */

#define SESSION_LATE_NS UINT64_C(60000000000) /* for the next file to be created */

#define NS_PER_MS 1000000u

/* What has woken diag-record: bits by data.u32 of the events of the epoll set. */
enum woken {
	WOKEN_OTHER, /* by a ring buffer or user stacks, which are read in each turn */
	WOKEN_CONTROL = CONTROL_EPOLL_DATA,
	WOKEN_SIGNAL,
	WOKEN_CPUS,
	WOKEN_CLOCK,
};

#define WOKEN(what) (1u << (what))

struct session {
	const struct options *options; /* borrowed */
	struct session_processes processes;
	struct session_kernel kernel;
	struct session_convert convert;
	struct session_file file;
	struct control_commands commands;
	struct socket_place control_place;
	struct control *control; /* NULL without --control */
	int epoll_fd;
	int signal_fd;
	int clock_fd;  /* see clock_watch_open(); -1: none */
	int notify_fd; /* of the service manager; -1: none */
	struct terminal terminal;
	uint64_t start_ns;
	uint64_t losses_ns;  /* when losses were last collected */
	uint64_t watched_ns; /* when helper processes were last looked at */
	uint64_t late_ns;    /* since when the next file is awaited; 0: it is not */
	uint64_t read_bytes; /* of the rings */
	uint64_t read_ns;    /* when there was last something to read */
	bool is_stopping;
	bool is_rotating;
	bool is_idle;      /* when it last began to wait */
	bool is_congested; /* the disk does not answer */
	uint32_t woken;    /* by what, in this turn */
};

static bool session_add_to_epoll(const struct session *session, int fd, enum woken what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};

	return epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* With a directory, the first file gets its name when it is created. */
static bool session_open_directory(struct session *session, const char *host,
				   struct problem *ret_problem)
{
	const struct output_options *always_on = &session->options->always_on;
	const struct file_directory_limits limits = {
		.count = session->options->rotate_count,
		.bytes = always_on->keep_bytes,
		.age_s = always_on->keep_s,
	};

	/* The helper process cannot read the time zone later. */
	tzset();
	if (!file_directory_open(always_on->directory, host, &limits, &session->file.directory,
				 ret_problem))
		return false;
	memcpy(session->file.path, session->file.directory.path, sizeof(session->file.path));
	return true;
}

static bool session_choose_path(struct session *session, struct problem *ret_problem)
{
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	if (session->options->always_on.directory)
		return session_open_directory(session, host, ret_problem);
	if (!options_name_file(session->options)) {
		(void)snprintf(session->file.path, sizeof(session->file.path), "memory");
		return true;
	}
	if (session->options->output) {
		if (strlen(session->options->output) >= sizeof(session->file.path))
			return problem_set(ret_problem, "-o: name too long");
		memcpy(session->file.path, session->options->output,
		       strlen(session->options->output) + 1);
		return true;
	}
	if (!naming_default(host, time(NULL), session->file.path, sizeof(session->file.path)))
		return problem_set(ret_problem, "cannot choose a name for the file: use -o FILE");
	return true;
}

/* Signals become events of the drain loop. The workload must have been started before. */
static bool session_catch_signals(struct session *session, struct problem *ret_problem)
{
	const int cpus_fd = cpu_hotplug_descriptor(session->processes.cpu_hotplug);
	sigset_t signals;

	end_signals_to_read(session->options->command != NULL, &signals);
	session->terminal = terminal_save();
	/* write() returns the error, which is reported. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	session->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	session->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->epoll_fd < 0 || session->signal_fd < 0 ||
	    sigprocmask(SIG_BLOCK, &signals, NULL) != 0 ||
	    !session_add_to_epoll(session, session->signal_fd, WOKEN_SIGNAL))
		return problem_set(ret_problem, "cannot wait for signals: %s", strerror(errno));
	session->clock_fd = clock_watch_open();
	if ((session->clock_fd >= 0 &&
	     !session_add_to_epoll(session, session->clock_fd, WOKEN_CLOCK)) ||
	    (cpus_fd >= 0 && !session_add_to_epoll(session, cpus_fd, WOKEN_CPUS)))
		return problem_set(ret_problem, "cannot wait for the clock and CPUs: %s",
				   strerror(errno));
	return true;
}

static bool session_open_user_stacks(struct session *session, struct problem *ret_problem)
{
	struct user_stacks *stacks;

	if (!session_convert_open_stacks(&session->convert, session->options,
					 session->processes.file_reader, ret_problem))
		return false;
	stacks = session->convert.user_stacks;
	return !stacks ||
	       session_add_to_epoll(session, user_stacks_descriptor(stacks), WOKEN_OTHER) ||
	       problem_set(ret_problem, "cannot wait for user stacks: %s", strerror(errno));
}

/* Events may arrive from here on. */
static bool session_attach(struct session *session, struct problem *ret_problem)
{
	if (session->convert.user_stacks)
		user_stacks_hold(session->convert.user_stacks);
	return programs_attach(session->kernel.programs, session->options,
			       kernel_symbols_table(session->convert.symbols), ret_problem);
}

static bool session_open_rings(struct session *session, struct problem *ret_problem)
{
	const struct rings_consumer consumer = {&session->convert, session_convert_take};
	struct session_kernel *kernel = &session->kernel;

	kernel->losses = losses_new(kernel->programs);
	if (!kernel->losses)
		return problem_set(ret_problem, "out of memory");
	return rings_open(kernel->programs, &consumer, &kernel->rings, ret_problem) &&
	       rings_watch(kernel->rings, session->epoll_fd, ret_problem);
}

/* Call after the BPF programs are attached. */
static bool session_open_sections(struct session *session, struct problem *ret_problem)
{
	return session_convert_open_sections(&session->convert, session->kernel.programs,
					     ret_problem);
}

static bool session_open_control(struct session *session, struct problem *ret_problem)
{
	const struct control_handler handler = {&session->commands, control_commands_run};

	if (!session->control_place.path)
		return true;
	session->commands.sections.programs = programs_sections(session->kernel.programs);
	return control_open(&session->control_place, &handler, session->epoll_fd, &session->control,
			    ret_problem);
}

/* The recording begins even if old files cannot be removed: that is reported. */
static void session_count_first(struct session *session)
{
	struct problem problem = {""};

	if (!output_helper_count_first(session->processes.output_helper,
				       session_reserved_bytes(&session->file), &problem))
		message("%s", problem.text);
}

/* In a directory the oldest file goes just before the new one comes: a start that fails removes
 * none, and one that is killed leaves not one too many. */
static bool session_open_in_turn(struct session *session, struct problem *ret_problem)
{
	session_count_first(session);
	return session_open_recording(&session->file, ret_problem);
}

/* Exits and the out-of-memory killer come from the translator, sections from their records. */
static void session_see(void *context, const struct event_header *record, const char *cgroup)
{
	struct session *session = context;

	trigger_see(&session->options->always_on.trigger, &session->file.trigger, record, cgroup);
}

static struct output_helper_names output_names_of(const struct session *session)
{
	const struct options *options = session->options;

	return (struct output_helper_names){
		.output = session->file.path,
		.control = session->control_place.path ? &session->control_place : NULL,
		.ascending = options->rotate_bytes || options->flight_ns,
		.kept_count = options->rotate_count,
		.directory = session->file.directory.fd >= 0 ? &session->file.directory : NULL,
	};
}

static bool session_open(struct session *session, struct problem *ret_problem)
{
	const struct options *options = session->options;
	const bool is_directory = options->always_on.directory != NULL;
	struct programs_family family = {0};
	bool is_open;

	if (!programs_have_privileges())
		return problem_set(ret_problem, PROGRAMS_NEED_ROOT);
	if (!session_choose_path(session, ret_problem) ||
	    (options->always_on.control &&
	     !socket_place_open(options->always_on.control, &session->control_place, ret_problem)))
		return false;
	session->processes.output_names = output_names_of(session);
	if (options->always_on.journal &&
	    !live_start_journal(options, session->file.path, &session->file.journal, ret_problem))
		return false;
	if (options->live &&
	    !live_start(options, session->file.path, &session->file.live, ret_problem))
		return false;
	if (!output_helper_start(&session->processes.output_names,
				 &session->processes.output_helper, ret_problem) ||
	    !cpu_hotplug_start(&session->processes.cpu_hotplug, ret_problem))
		return false;
	if (!live_keeps_no_file(session->file.live) &&
	    !disk_writer_start(&session->file.disk_writer, ret_problem))
		return false;
	if ((options->user_stack_bytes || options->command_lines) &&
	    !file_reader_start(&session->processes.file_reader, ret_problem))
		return false;
	if (options->command &&
	    !workload_start(options->command, &session->processes.workload, ret_problem))
		return false;
	family.command = session->processes.workload.pid;
	if (session->file.disk_writer)
		family.writer = disk_writer_pid(session->file.disk_writer);
	absent_warn(options);
	(void)fd_limit_raise();
	is_open = session_catch_signals(session, ret_problem) &&
		  (is_directory || session_open_recording(&session->file, ret_problem)) &&
		  session_open_user_stacks(session, ret_problem) &&
		  programs_load(options, &family, &session->kernel.programs, ret_problem) &&
		  session_convert_open(&session->convert, options, session->kernel.programs,
				       &session->file.size_limit, ret_problem) &&
		  session_open_rings(session, ret_problem) &&
		  session_attach(session, ret_problem) &&
		  session_open_sections(session, ret_problem) &&
		  session_open_control(session, ret_problem) &&
		  (!is_directory || session_open_in_turn(session, ret_problem)) &&
		  session_begin_recording(&session->file, &session->kernel, &session->convert,
					  ret_problem);
	if (is_open && options->always_on.trigger.count)
		session_convert_set_watch(&session->convert, session_see, session);
	if (is_open && options->rotate_count && !is_directory)
		session_count_first(session);
	return is_open;
}

/* The last step before rings are read. */
static bool session_drop_privileges(struct session *session, struct problem *ret_problem)
{
	const struct privileges_use use = {
		.user_stacks = session->convert.user_stacks != NULL,
		.commands = session->control != NULL,
		.memory_files = live_keeps_no_file(session->file.live) || session->file.journal,
		.workload = session->processes.workload.pid,
		.map_fd = programs_loss_fd(session->kernel.programs),
	};

	session->notify_fd = notify_open(getenv("NOTIFY_SOCKET"));
	if (session->convert.user_stacks)
		user_stacks_begin(session->convert.user_stacks);
	return privileges_drop(&use, ret_problem) &&
	       (session->file.window ||
		session_info_note_privileges(session->file.recording, ret_problem));
}

static void session_announce(const struct session *session)
{
	char events[512];

	options_describe_events(session->options, ", ", events, sizeof(events));
	if (session->file.window)
		message("recording to %s (%s; SIGUSR2 writes the last %s); press Ctrl-C to stop",
			session->file.path, events,
			quantity_of_duration(session->options->flight_ns).text);
	else
		message("recording to %s (%s); press Ctrl-C to stop",
			session->file.recording->output.file.path, events);
}

static pid_t session_running_command(const struct session *session)
{
	return session->processes.workload.ended ? 0 : session->processes.workload.pid;
}

/* A second SIGINT or SIGTERM ends the program at once: the file is readable then, too. */
static void session_stop(struct session *session)
{
	session->is_stopping = true;
	session_request_window(&session->file, "end");
	end_signals_begin(session_running_command(session), true);
}

/* The recording goes on without it. */
static void session_watch_journal(struct session_file *file)
{
	if (!live_has_ended(file->journal))
		return;
	message("--journal: the program that sends to the journal has ended: recording continues");
	if (file->window)
		piece_copy_end(&file->piece_copy);
	file->recording->copy = NULL;
	live_finish(file->journal);
	file->journal = NULL;
}

/* Also before the first turn and after the last one: one of them can end between two looks. */
static void session_watch_helpers(struct session *session)
{
	const struct session_processes *processes = &session->processes;

	output_helper_watch(processes->output_helper);
	cpu_hotplug_watch(processes->cpu_hotplug);
	file_reader_watch(processes->file_reader);
	if (session->file.disk_writer)
		disk_writer_watch(session->file.disk_writer);
}

/* One signal can stand for several processes that have ended or are stopped. */
static void session_watch_children(struct session *session)
{
	session_watch_helpers(session);
	session_watch_journal(&session->file);
	if (workload_has_ended(&session->processes.workload) || live_has_ended(session->file.live))
		session->is_stopping = true;
}

static void session_read_signals(struct session *session)
{
	struct signalfd_siginfo info;
	bool is_child = false;

	while (read(session->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (end_signals_ends(&info, session_running_command(session) != 0) ||
		    (info.ssi_signo == SIGHUP && terminal_has_hung_up(&session->terminal)))
			session_stop(session);
		else if (info.ssi_signo == SIGHUP)
			session->is_rotating = true;
		is_child = is_child || info.ssi_signo == SIGCHLD;
		if (info.ssi_signo == SIGUSR2 && session->file.window)
			session_request_window(&session->file, "request");
		else if (info.ssi_signo == SIGUSR2)
			message("SIGUSR2: no effect here: start with --flight");
	}
	if (is_child)
		session_watch_children(session);
}

static bool session_release_events(struct session *session, uint64_t now_ns,
				   struct problem *ret_problem)
{
	enum dz_status status = session_convert_release(&session->convert, now_ns);

	return status == DZ_OK || recording_problem(session->file.recording, status, ret_problem);
}

static bool session_read_rings(struct session *session, struct problem *ret_problem)
{
	bool more;

	if (!rings_read(session->kernel.rings, &more))
		return recording_problem(session->file.recording, session->convert.status,
					 ret_problem);
	return session_release_events(session, clock_boottime_ns(), ret_problem);
}

static bool session_next_file(struct session *session)
{
	if (!session_change_file(&session->file, session->processes.output_helper, &session->kernel,
				 &session->convert, &session->file.rotation))
		return false;
	session->late_ns = 0;
	return true;
}

/* Ends the recording, as there is no next file. What was read is still written to this one. */
static void session_stop_rotating(struct session *session)
{
	if (session->file.size_limit.next.begin)
		session->file.size_limit.bytes_max = 0;
	session->is_stopping = true;
}

/* Whether there will be a next file: a disk that is busy must not end a recording. */
static bool session_awaits_file(struct session *session)
{
	const struct output_helper *helper = session->processes.output_helper;
	const uint64_t now_ns = clock_boottime_ns();

	if (!helper || !output_helper_is_late(helper))
		return false;
	if (!session->late_ns) {
		session->late_ns = now_ns;
		message("%s: it has %s more, until then what does not fit is lost",
			session->file.rotation.text, quantity_of_duration(SESSION_LATE_NS).text);
	}
	if (now_ns - session->late_ns >= SESSION_LATE_NS)
		return false;
	session->file.rotation.text[0] = '\0';
	return true;
}

/* A struct size_limit calls this when the file is full, in the middle of reading events. Events
 * that wait for their stacks go to the next file; steps go to the file of their section. */
static bool session_begin_next(void *context)
{
	struct session *session = context;
	struct section_rows *sections = session->convert.sections;

	if ((!sections || section_rows_release(sections, UINT64_MAX) == DZ_OK) &&
	    session_next_file(session))
		return true;
	if (session_awaits_file(session))
		return false;
	session_stop_rotating(session);
	return true;
}

/* SIGHUP: everything that was read before goes to the current file. */
static void session_rotate(struct session *session)
{
	session->is_rotating = false;
	if (session->file.window)
		return;
	if (!session_release_events(session, UINT64_MAX, &session->file.rotation) ||
	    !session_next_file(session)) {
		session->is_rotating = session_awaits_file(session);
		if (!session->is_rotating)
			session_stop_rotating(session);
	} else if (!session->options->quiet) {
		session_announce(session);
	}
}

/* Fails without an effect if there is no next file: only the command to stop ends a recording. */
static bool session_rotate_by_command(void *context, struct problem *ret_problem)
{
	struct session *session = context;
	const struct recording *current = session->file.recording;

	if (!session_release_events(session, UINT64_MAX, ret_problem) ||
	    !session_change_file(&session->file, session->processes.output_helper, &session->kernel,
				 &session->convert, ret_problem)) {
		if (session->convert.status != DZ_OK || session->file.recording != current) {
			session->file.rotation = *ret_problem;
			session_stop_rotating(session);
		}
		return false;
	}
	if (!session->options->quiet)
		session_announce(session);
	return true;
}

static void session_stop_by_command(void *context)
{
	session_stop(context);
}

static void session_prepare_commands(struct session *session)
{
	session->commands = (struct control_commands){
		.sections = {.options = session->options},
		.file = &session->file,
		.kernel = &session->kernel,
		.convert = &session->convert,
		.start_ns = &session->start_ns,
		.context = session,
		.rotate = session_rotate_by_command,
		.stop = session_stop_by_command,
	};
}

/* Whether only an event can bring work that must not wait. Samples wait until their sums are read.
 * Hits of probes, sections and waits have queues without a wake-up, and a control group that is
 * made anew is found by looking. */
static bool session_is_idle(struct session *session, uint64_t now_ns)
{
	const struct session_file *file = &session->file;
	const struct user_stacks *stacks = session->convert.user_stacks;
	const uint64_t read_bytes = rings_urgent_bytes(session->kernel.rings);

	if (read_bytes != session->read_bytes) {
		session->read_bytes = read_bytes;
		session->read_ns = now_ns;
	}
	return !(session->options->events & ~(uint32_t)SESSION_EVENTS_WAKE) &&
	       !session->options->texts[OPTIONS_TEXT_CGROUP] && !session->is_rotating &&
	       !file->window_requested_ns && !file->trigger.event_ns &&
	       !session_convert_is_waiting(&session->convert) &&
	       !(stacks && user_stacks_are_starting(stacks, now_ns)) &&
	       now_ns - session->read_ns >= SESSION_IDLE_AFTER_NS;
}

/* Whether everything that happens without an event is reported, but for what can wait for
 * SESSION_LOOK_NS. */
static bool session_is_quiet(const struct session *session)
{
	struct user_stacks *stacks = session->convert.user_stacks;
	const struct disk_writer *writer = session->file.disk_writer;

	/* Has an effect, so it comes first. */
	return (!stacks || user_stacks_are_quiet(stacks)) &&
	       (!writer || disk_writer_is_quiet(writer)) && session->clock_fd >= 0 &&
	       cpu_hotplug_descriptor(session->processes.cpu_hotplug) >= 0;
}

static uint64_t earliest(uint64_t one_ns, uint64_t other_ns)
{
	return one_ns < other_ns ? one_ns : other_ns;
}

/* When an idle recording next has something to do that no event brings. */
static uint64_t session_due_ns(const struct session *session, uint64_t now_ns)
{
	const struct session_file *file = &session->file;
	uint64_t due_ns = losses_due_ns(session->kernel.losses);
	uint64_t sums_ns;

	/* They are not collected more often. */
	if (due_ns < session->losses_ns + SESSION_LOSSES_NS)
		due_ns = session->losses_ns + SESSION_LOSSES_NS;
	due_ns = earliest(due_ns, recording_due_ns(file->recording));
	if (file->window)
		due_ns = earliest(due_ns, flight_window_due_ns(file->window));
	sums_ns = rings_wait_ns(session->kernel.rings, now_ns);
	if (sums_ns != UINT64_MAX)
		due_ns = earliest(due_ns, now_ns + sums_ns);
	return earliest(due_ns, now_ns + (session_is_quiet(session) ? SESSION_LOOK_NS
								    : SESSION_POLL_IDLE_NS));
}

static int session_timeout_ms(const struct session *session, bool is_idle, uint64_t now_ns)
{
	uint64_t due_ns = now_ns + SESSION_POLL_NS;
	uint64_t wait_ns;

	if (is_idle)
		due_ns = session_due_ns(session, now_ns);
	else if (session->convert.pending)
		due_ns = now_ns + (session_convert_is_waiting(&session->convert)
					   ? SESSION_POLL_WAITING_NS
					   : SESSION_POLL_STACKS_NS);
	if (session->options->duration_ns)
		due_ns = earliest(due_ns, session->start_ns + session->options->duration_ns);
	wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	return (int)((wait_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* Ends the recording at a limit. After that only the last records are written. */
static void session_watch_limits(struct session *session)
{
	const struct output *output = &session->file.recording->output;

	if (session->file.window)
		return;
	if (session->file.size_limit.is_full)
		problem_set(&session->file.result.limit,
			    "%s: reached --max-size %s, recording ended: use a larger size, or "
			    "--rotate",
			    output->file.path, quantity_of_bytes(session->options->max_bytes).text);
	else if (session_space_is_short(&session->file))
		problem_set(&session->file.result.limit,
			    "%s: file system has less than --min-free %s free, recording ended: "
			    "free some space, or use a smaller size",
			    output->file.path,
			    quantity_of_bytes(session->file.min_free_bytes).text);
	if (session->file.result.limit.text[0])
		session->is_stopping = true;
}

/* Opens for new CPUs what was opened for each CPU. */
static void session_follow_cpus(struct session *session, uint64_t now_ns)
{
	if (!cpu_hotplug_poll(session->processes.cpu_hotplug, now_ns))
		return;
	if (session->convert.user_stacks)
		user_stacks_follow_cpus(session->convert.user_stacks,
					session->processes.cpu_hotplug);
	programs_follow_cpus(session->kernel.programs, session->processes.cpu_hotplug);
}

/* A service that starts again has a new group under the same path. */
static void session_follow_cgroup(struct session *session)
{
	const enum cgroup_change change = programs_follow_cgroup(session->kernel.programs);
	const char *path = session->options->texts[OPTIONS_TEXT_CGROUP];

	if (change == CGROUP_GONE)
		message("--cgroup %s: the control group is gone: recording goes on when there is "
			"one again",
			path);
	else if (change == CGROUP_NEW)
		message("--cgroup %s: the control group was made anew: its first %s may be missing",
			path, quantity_of_duration(SESSION_POLL_NS).text);
}

static bool session_counts_are_due(const struct session_convert *convert)
{
	return convert->sections && section_rows_must_count(convert->sections);
}

/* While there are no events, the counters are not read each time. */
static bool session_losses_are_due(const struct session *session, uint64_t now_ns)
{
	return now_ns - session->losses_ns >= SESSION_LOSSES_NS &&
	       (!session->is_idle || now_ns >= losses_due_ns(session->kernel.losses));
}

/* Signals report their ends; one that came before it was waited for is found by looking. */
static void session_look_at_helpers(struct session *session, uint64_t now_ns)
{
	if (session->file.disk_writer)
		disk_writer_tidy(session->file.disk_writer);
	if (now_ns - session->watched_ns < SESSION_LOOK_NS)
		return;
	session->watched_ns = now_ns;
	session_watch_children(session);
}

static bool session_tick(struct session *session, struct problem *ret_problem)
{
	uint64_t now_ns = clock_boottime_ns();

	session_follow_cgroup(session);
	session_follow_cpus(session, now_ns);
	session_look_at_helpers(session, now_ns);
	if (session_losses_are_due(session, now_ns)) {
		if (!session_collect_losses(&session->kernel, &session->convert,
					    session->file.recording, ret_problem))
			return false;
		session->losses_ns = now_ns;
	}
	if (now_ns - session->file.counts_ns >= (session_counts_are_due(&session->convert)
							 ? SESSION_COUNTS_MIN_NS
							 : SESSION_COUNTS_NS) &&
	    !session_count_sections(&session->file, &session->convert, ret_problem))
		return false;
	if (session->options->duration_ns &&
	    now_ns - session->start_ns >= session->options->duration_ns)
		session->is_stopping = true;
	session_watch_limits(session);
	if (!session_check_closed(&session->file, ret_problem) ||
	    !recording_tick(session->file.recording, ret_problem))
		return false;
	session_wake_readers(&session->file, now_ns);
	return (!session->file.window ||
		session_tick_window(&session->file, session->processes.output_helper,
				    &session->kernel, &session->convert, ret_problem));
}

/* While the disk does not take what is read, the rings are full, and the kernel counts what it
 * cannot put there. */
static bool session_disk_is_congested(struct session *session)
{
	struct disk_writer *writer = session->file.disk_writer;
	bool congested;

	if (!writer)
		return false;
	congested = disk_writer_is_congested(writer);
	if (congested != session->is_congested)
		message("%s: %s", session->file.path,
			congested ? "the disk does not answer: events that do not fit into memory "
				    "are lost"
				  : "the disk answers again");
	session->is_congested = congested;
	return congested;
}

/* What comes before the BPF programs know that diag-record sleeps does not wake it: so the rings
 * and the flag of losses are looked at after that. */
static int session_wait_for_event(struct session *session)
{
	const uint64_t now_ns = clock_boottime_ns();
	struct programs *programs = session->kernel.programs;
	const bool is_idle = session->is_idle;
	struct epoll_event events[8];
	int timeout_ms, count;

	if (is_idle)
		programs_set_idle(programs, true);
	timeout_ms = is_idle && !rings_can_wait(session->kernel.rings)
			     ? 0
			     : session_timeout_ms(session, is_idle, now_ns);
	count = epoll_wait(session->epoll_fd, events, 8, timeout_ms);
	if (is_idle)
		programs_set_idle(programs, false);
	session->woken = 0;
	for (int i = 0; i < count; i++)
		session->woken |= WOKEN(events[i].data.u32);
	return count;
}

/* A few times a second, signals and commands do not wait for the disk. */
static int session_wait_for_disk(struct session *session)
{
	struct pollfd signals = {.fd = session->signal_fd, .events = POLLIN};

	session->woken = UINT32_MAX;
	return poll(&signals, 1, SESSION_CONGESTED_MS);
}

/* What was read does not stay in memory while diag-record sleeps for long. */
static bool session_become_idle(struct session *session, struct problem *ret_problem)
{
	const uint64_t now_ns = clock_boottime_ns();

	session->is_idle = !session->is_congested && session_is_idle(session, now_ns);
	if (!session->is_idle)
		return true;
	if (!recording_flush(session->file.recording, ret_problem))
		return false;
	session_wake_readers(&session->file, now_ns);
	return true;
}

/* Waits for what the next turn is for. */
static bool session_wait(struct session *session, struct problem *ret_problem)
{
	int count;

	if (!session_become_idle(session, ret_problem))
		return false;
	count = session->is_congested ? session_wait_for_disk(session)
				      : session_wait_for_event(session);
	return count >= 0 || errno == EINTR ||
	       problem_set(ret_problem, "cannot wait for events: %s", strerror(errno));
}

/* What did not wake diag-record has nothing to read. */
static void session_take_reports(struct session *session)
{
	if (session->woken & WOKEN(WOKEN_SIGNAL))
		session_read_signals(session);
	if (session->woken & WOKEN(WOKEN_CPUS))
		cpu_hotplug_take_messages(session->processes.cpu_hotplug);
	if (session->woken & WOKEN(WOKEN_CLOCK) && clock_watch_take(session->clock_fd))
		recording_note_clock_set(session->file.recording);
	if (session->woken & WOKEN(WOKEN_CONTROL) && session->control)
		control_serve(session->control);
}

static bool session_drain(struct session *session, struct problem *ret_problem)
{
	while (!session->is_stopping) {
		if (!session_wait(session, ret_problem))
			return false;
		/* First: sections that need samples are running now. */
		if (session->convert.sections)
			section_samples_switch(section_programs_samples(
						       programs_sections(session->kernel.programs)),
					       clock_boottime_ns());
		session_take_reports(session);
		if (!session_disk_is_congested(session) &&
		    !session_read_rings(session, ret_problem))
			return false;
		if (session->is_rotating)
			session_rotate(session);
		if (!session_tick(session, ret_problem))
			return false;
	}
	return true;
}

/* The last events wait for their stacks, too. */
static bool session_await_stacks(struct session *session, struct problem *ret_problem)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS};

	while (session_convert_is_waiting(&session->convert)) {
		if (!session_release_events(session, clock_boottime_ns(), ret_problem))
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

/* Detaching can take longer than an event may wait for its stack, and rings are not read meanwhile.
 * So earlier events are read first, with their stacks. */
static bool session_settle(struct session *session, struct problem *ret_problem)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS};
	const uint64_t end_ns = clock_boottime_ns() + USER_STACKS_WAIT_NS;

	do {
		if (!session_read_rings(session, ret_problem))
			return false;
		(void)nanosleep(&pause, NULL);
	} while (session_convert_is_waiting(&session->convert) && clock_boottime_ns() < end_ns);
	return true;
}

/* What the end line reports beside the events in the file. */
static void session_count(struct session *session)
{
	struct session_result *result = &session->file.result;
	struct user_stacks_statistics stacks;

	programs_counts(session->kernel.programs, result->counts);
	if (!session->convert.user_stacks)
		return;
	user_stacks_get_statistics(session->convert.user_stacks, &stacks);
	result->stacks_dropped = stacks.dropped + stacks.worker.dropped;
}

/* Call when all losses are collected. */
static void session_count_full_rings(struct session *session)
{
	struct session_result *result = &session->file.result;

	while (result->full_ring_count < LOSSES_RINGS_MAX &&
	       losses_of_ring(session->kernel.losses, result->full_ring_count,
			      &result->full_rings[result->full_ring_count]))
		result->full_ring_count++;
}

static void session_count_cpu(struct session *session)
{
	session->file.result.cpu_ns =
		session_cpu_ns(&session->file) - session->file.result.start_cpu_ns;
}

static bool session_finish(struct session *session, struct problem *ret_problem)
{
	if (!session_settle(session, ret_problem))
		return false;
	programs_detach(session->kernel.programs);
	if (!rings_read_all(session->kernel.rings))
		return recording_problem(session->file.recording, session->convert.status,
					 ret_problem);
	session_request_window(&session->file, "end");
	session->file.result.duration_ns = clock_boottime_ns() - session->start_ns;
	if (!session_await_stacks(session, ret_problem))
		return false;
	session_count(session);
	if (session->file.size_limit.is_full)
		session_watch_limits(session);
	if (!session_release_events(session, UINT64_MAX, ret_problem))
		return false;
	if (session->file.window) {
		session_count_cpu(session);
		return session_finish_window(&session->file, session->processes.output_helper,
					     &session->kernel, &session->convert, ret_problem);
	}
	if (!session_close_recording(&session->file, &session->kernel, &session->convert,
				     ret_problem) ||
	    !session_await_disk(&session->file.recording->output, ret_problem) ||
	    !session_check_closed(&session->file, ret_problem))
		return false;
	session_count_full_rings(session);
	session->file.result.lost_count =
		session_lost(&session->file, &session->kernel, &session->convert);
	session_count_cpu(session);
	if (session->file.rotation.text[0])
		*ret_problem = session->file.rotation;
	return session->file.rotation.text[0] == '\0';
}

static bool session_record(struct session *session, struct problem *ret_problem)
{
	session->start_ns = session->losses_ns = session->file.counts_ns = clock_boottime_ns();
	session->file.result.start_cpu_ns = session->file.start_cpu_ns =
		session_cpu_ns(&session->file);
	if (!session->file.window &&
	    !recording_add_info_number(session->file.recording, "recorder.start_cpu_ns",
				       session->file.result.start_cpu_ns, ret_problem))
		return false;
	if (!session->file.window &&
	    !session_info_note_command(session->file.recording, session->options,
				       &session->file.command, ret_problem))
		return false;
	session_watch_children(session);
	if (!session_drain(session, ret_problem))
		return false;
	session_watch_helpers(session);
	notify_send(session->notify_fd, "STOPPING=1");
	end_signals_begin(session_running_command(session), false);
	return session_finish(session, ret_problem);
}

/* The file is complete, but the program has not ended. */
static void session_announce_detaching(const struct session *session)
{
	const struct probe_programs *probes =
		session->kernel.programs ? programs_probes(session->kernel.programs) : NULL;
	size_t count = probes ? probe_programs_links_count(probes) : 0;

	if (!session->options->quiet && count >= SESSION_MANY_LINKS)
		message("recording complete; detaching the probes takes a few seconds");
}

/* It is waited for after the file is complete. From here on, any signal ends it at once. */
static void session_end_command(struct session *session, bool has_begun)
{
	struct workload *workload = &session->processes.workload;
	enum workload_end end;

	if (has_begun && session_running_command(session))
		end_signals_begin(workload->pid, true);
	end = workload_finish(workload, session->options->kill_after_ns);
	end_signals_forget_command();
	if (workload->ended && WIFSIGNALED(workload->status))
		terminal_restore(&session->terminal);
	if (end == WORKLOAD_KILLED)
		message("%s: still ran %s after SIGTERM: killed", session->options->command[0],
			quantity_of_duration(session->options->kill_after_ns).text);
	if (end == WORKLOAD_LEFT_OVER)
		message("%s: does not end after SIGKILL: left running",
			session->options->command[0]);
}

/* Releases everything, in any state. Without has_begun, removes files that were created. */
static void session_close(struct session *session, bool has_begun)
{
	if (session->file.recording_is_open) {
		if (has_begun || session->file.window)
			recording_abandon(session->file.recording);
		else
			recording_discard(session->file.recording);
	}
	if (session->file.window_output_is_open && has_begun)
		(void)output_close(&session->file.window_output);
	else if (session->file.window_output_is_open)
		output_discard(&session->file.window_output);
	if (session->file.disk_writer)
		(void)disk_writer_finish(session->file.disk_writer);
	disk_writer_free(session->file.disk_writer);
	flight_window_free(session->file.window);
	file_directory_close(&session->file.directory);
	if (!control_close(session->control))
		output_helper_remove_control(session->processes.output_helper,
					     session->control_place.inode);
	socket_place_close(&session->control_place);
	output_helper_end(session->processes.output_helper);
	cpu_hotplug_end(session->processes.cpu_hotplug);
	rings_free(session->kernel.rings);
	losses_free(session->kernel.losses);
	session_convert_close(&session->convert);
	file_reader_end(session->processes.file_reader);
	programs_free(session->kernel.programs);
	session_end_command(session, has_begun);
	live_finish(session->file.live);
	live_finish(session->file.journal);
	if (session->notify_fd >= 0)
		(void)close(session->notify_fd);
	if (session->signal_fd >= 0)
		(void)close(session->signal_fd);
	if (session->clock_fd >= 0)
		(void)close(session->clock_fd);
	if (session->epoll_fd >= 0)
		(void)close(session->epoll_fd);
}

/* Lets the COMMAND start, if there is one. */
static bool session_release_command(struct session *session, struct problem *ret_problem)
{
	struct workload *workload = &session->processes.workload;

	if (!session->options->command)
		return true;
	/* In another namespace the records have a different number. */
	session->file.command = (struct session_command){
		.pid = pid_namespace_own() == 0 ? (uint64_t)workload->pid : 0,
		.start_ns = clock_boottime_ns(),
	};
	return workload_release(workload, session->options->command[0], ret_problem);
}

bool session_run(const struct options *options, struct session_result *ret_result,
		 struct problem *ret_problem)
{
	struct session session = {
		.options = options,
		.file = {.options = options,
			 .size_limit = {.bytes_max = options->max_bytes, .option = "--max-size"},
			 .directory.fd = -1,
			 .result = {.kept_count = options->rotate_count,
				    .is_named = options_name_file(options),
				    .is_window = options->flight_ns != 0,
				    .events = options->events,
				    .unwind_percent = options->unwind_percent}},
		.epoll_fd = -1,
		.signal_fd = -1,
		.clock_fd = -1,
		.notify_fd = -1,
	};
	bool recorded = false;
	bool begun;

	session.file.recording = session.file.recordings;
	if (!options_name_file(options))
		session.file.size_limit = (struct size_limit){
			.bytes_max = LIVE_FILE_BYTES,
			.option = "--live",
			.next = {&session, session_begin_next},
		};
	if (options->rotate_bytes)
		session.file.size_limit = (struct size_limit){
			.bytes_max = options->rotate_bytes,
			.option = "--rotate",
			.next = {&session, session_begin_next},
		};
	session_prepare_commands(&session);
	begun = session_open(&session, ret_problem);
	begun = begun && session_release_command(&session, ret_problem) &&
		session_drop_privileges(&session, ret_problem) &&
		session_pass_on(&session.file, ret_problem);
	if (begun) {
		/* Loading BPF programs leaves much free memory. */
		(void)malloc_trim(0);
		if (!options->quiet)
			session_announce(&session);
		notify_send(session.notify_fd, "READY=1");
		recorded = session_record(&session, ret_problem);
	}
	if (recorded) {
		session_watch_helpers(&session);
		session_announce_detaching(&session);
	}
	session_close(&session, begun);
	if (recorded && options->command)
		session.file.result.command_status =
			workload_exit_status(&session.processes.workload);
	if (recorded)
		*ret_result = session.file.result;
	return recorded;
}
