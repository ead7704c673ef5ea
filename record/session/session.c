/* record/session/session.c - a run of diag-record: open, load, attach, drain, close
 *
 * What needs root happens before the drain: then the rights are given up, for which a process that
 * makes the further files was started before.
 */
#include "record/session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "record/attach/losses.h"
#include "record/attach/programs.h"
#include "record/attach/rings.h"
#include "record/common/clock.h"
#include "record/common/fd_limit.h"
#include "record/common/message.h"
#include "record/convert/pending_events.h"
#include "record/convert/section_rows.h"
#include "record/convert/translator.h"
#include "record/output/free_space.h"
#include "record/output/naming.h"
#include "record/output/output_helper.h"
#include "record/output/recording.h"
#include "record/output/size_limit.h"
#include "record/privilege/cpu_hotplug.h"
#include "record/privilege/privileges.h"
#include "record/privilege/workload.h"
#include "record/probes/probe_programs.h"
#include "record/sections/section_programs.h"
#include "record/session/control.h"
#include "record/session/section_commands.h"
#include "record/session/session_files.h"
#include "record/session/session_info.h"
#include "record/session/session_state.h"
#include "record/stacks/user_stacks.h"
#include "symbols/kallsyms.h"
#include "text/quantity.h"

#define SESSION_LOSSES_NS 1000000000u
#define SESSION_COUNTS_NS 10000000000u
/* While events wait for their stacks, and while they might. */
#define SESSION_POLL_WAITING_NS 20000000u
#define SESSION_POLL_STACKS_NS  100000000u
#define SESSION_SECTION_BYTES   (24u << 20)
#define SESSION_WAITING_BYTES   (4u << 20)
#define SESSION_MANY_LINKS      100 /* of probes: to detach them takes seconds */

#define NS_PER_MS 1000000u

static bool session_take(void *context, const void *record, size_t size)
{
	struct session *session = context;
	const struct event_header *header = record;

	session->status = DZ_OK;
	if (session->sections && section_rows_want(record, size))
		session->status = section_rows_take(session->sections, record, size);
	else if (!session->room)
		session->status = translator_add(session->translator, record, size);
	else if (size < sizeof(*header) || header->kind != EVENT_USER_STACK ||
		 !user_stacks_take(session->user_stacks, record, size,
				   header->time_ns + USER_STACKS_WAIT_NS))
		session->status = pending_events_add(session->room, record, size);
	return session->status == DZ_OK;
}

static bool session_choose_path(struct session *session, struct problem *ret_problem)
{
	char host[256] = "";

	if (session->options->output) {
		if (strlen(session->options->output) >= sizeof(session->path))
			return problem_set(ret_problem, "the name of the output is too long");
		memcpy(session->path, session->options->output,
		       strlen(session->options->output) + 1);
		return true;
	}
	(void)gethostname(host, sizeof(host) - 1);
	if (!naming_default(host, time(NULL), session->path, sizeof(session->path)))
		return problem_set(ret_problem, "no name for the output: give one with -o");
	return true;
}

/* Signals become events of the drain loop. The command must have been started before this. */
static bool session_catch_signals(struct session *session, struct problem *ret_problem)
{
	struct epoll_event event = {.events = EPOLLIN};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR2);
	sigaddset(&signals, SIGCHLD);
	/* A write that cannot be done fails with an error that is told. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	session->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	session->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->epoll_fd < 0 || session->signal_fd < 0 ||
	    sigprocmask(SIG_BLOCK, &signals, NULL) != 0 ||
	    epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, session->signal_fd, &event) != 0)
		return problem_set(ret_problem, "cannot wait for signals: %s", strerror(errno));
	return true;
}

static bool session_open_user_stacks(struct session *session, struct problem *ret_problem)
{
	const struct user_stacks_options options = {
		.cpu_percent = session->options->unwind_percent,
		/* All stacks of a section come at once, when it ends. */
		.held_bytes =
			session->options->events & OPTIONS_SECTION ? SESSION_SECTION_BYTES : 0,
		.begin_thread = privileges_drop_thread,
	};
	struct epoll_event event = {.events = EPOLLIN};
	enum symbols_status status;

	if (session->options->user_stack_bytes == 0)
		return true;
	status = user_stacks_open(&options, &session->user_stacks);
	if (status == SYMBOLS_OK &&
	    epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD,
		      user_stacks_descriptor(session->user_stacks), &event) != 0)
		status = SYMBOLS_IO;
	if (status == SYMBOLS_IO)
		return problem_set(ret_problem,
				   "cannot follow what processes map: %s: run as root, or with "
				   "CAP_PERFMON and kernel.perf_event_paranoid below 3; "
				   "--user-stack 0 records without user stacks",
				   strerror(errno));
	return status == SYMBOLS_OK || problem_set(ret_problem, "out of memory");
}

/* Where the kernel hides them, stacks are recorded without names, which --check explains. False if
 * they are there and cannot be read. */
static bool session_read_symbols(struct session *session, struct problem *ret_problem)
{
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	enum symbols_status status;

	if (fd < 0)
		return errno == ENOENT || errno == EACCES || errno == EPERM ||
		       problem_set(ret_problem, "cannot read /proc/kallsyms: %s", strerror(errno));
	status = kallsyms_read(fd, &session->symbols);
	(void)close(fd);
	if (status != SYMBOLS_OK)
		session->symbols = (struct kallsyms){0};
	if (status == SYMBOLS_NO_MEMORY)
		return problem_set(ret_problem, "cannot read /proc/kallsyms: out of memory");
	return status != SYMBOLS_IO ||
	       problem_set(ret_problem, "cannot read /proc/kallsyms: %s", strerror(errno));
}

static bool session_open_reader(struct session *session, struct problem *ret_problem)
{
	const struct rings_consumer consumer = {.context = session, .take = session_take};

	if (!session_read_symbols(session, ret_problem))
		return false;
	session->translator = translator_new(&session->symbols, session->user_stacks);
	if (session->translator && session->user_stacks)
		session->room = pending_events_new(session->user_stacks, session->translator,
						   SESSION_WAITING_BYTES);
	if (session->translator && programs_probes(session->programs) &&
	    !translator_use_probes(session->translator,
				   probe_programs_list(programs_probes(session->programs))))
		return problem_set(ret_problem, "out of memory");
	if (session->translator && session->options->command_lines &&
	    !translator_use_command_lines(session->translator))
		return problem_set(ret_problem, "out of memory");
	if (session->translator)
		translator_use_limit(session->translator, &session->size_limit);
	session->losses = losses_new(session->programs);
	if (!session->translator || !session->losses || (session->user_stacks && !session->room))
		return problem_set(ret_problem, "out of memory");
	return rings_open(session->programs, &consumer, &session->rings, ret_problem) &&
	       rings_watch(session->rings, session->epoll_fd, ret_problem);
}

/* What only a recording of sections has. The programs must have been attached. */
static bool session_open_sections(struct session *session, struct problem *ret_problem)
{
	struct section_programs *programs = programs_run(session->programs);

	if (!programs)
		return true;
	session->sections = section_rows_new(programs, session->translator, &session->symbols,
					     session->user_stacks);
	if (!session->sections)
		return problem_set(ret_problem, "out of memory");
	session->orders = (struct section_commands){programs, session->options};
	return true;
}

/* What has happened by now is to be in the window with its stacks, which takes a moment. */
static void session_request_window(struct session *session)
{
	if (session->ordered_ns == 0)
		session->ordered_ns = clock_boottime_ns();
}

static void session_carry_out_line(void *context, char *line, FILE *answer)
{
	struct session *session = context;

	if (session->window && strcmp(line, "flight write") == 0) {
		session_request_window(session);
		(void)fprintf(answer, "ok\n");
	} else if (session->sections) {
		section_commands_run(&session->orders, line, answer);
	} else {
		(void)fprintf(answer, "error: no such order: use flight write\n");
	}
}

static bool session_open_control(struct session *session, struct problem *ret_problem)
{
	const struct control_handler handler = {session, session_carry_out_line};
	const char *path = session->options->section.control;

	if (!path)
		return true;
	if (!session->sections && !session->window)
		return problem_set(ret_problem,
				   "--control: is of use with -e section or --flight only");
	return control_open(path, &handler, session->epoll_fd, &session->control, ret_problem);
}

static bool session_open(struct session *session, struct problem *ret_problem)
{
	const struct options *options = session->options;
	bool is_open;

	if (!session_choose_path(session, ret_problem))
		return false;
	session->names = (struct output_helper_names){
		.output = session->path,
		.control = options->section.control,
		.ascending = options->rotate_bytes || options->flight_ns,
		.kept_count = options->rotate_count,
	};
	if (!output_helper_start(&session->names, &session->maker, ret_problem) ||
	    !cpu_hotplug_start(&session->cpus, ret_problem))
		return false;
	if (options->command && !workload_start(options->command, &session->workload, ret_problem))
		return false;
	(void)fd_limit_raise();
	is_open = session_catch_signals(session, ret_problem) &&
		  session_open_recording(session, ret_problem) &&
		  session_open_user_stacks(session, ret_problem) &&
		  programs_load(options, session->workload.pid, &session->programs, ret_problem) &&
		  session_open_reader(session, ret_problem) &&
		  programs_attach(session->programs, options, &session->symbols, ret_problem) &&
		  session_open_sections(session, ret_problem) &&
		  session_open_control(session, ret_problem) &&
		  session_begin_recording(session, ret_problem);
	if (is_open && options->rotate_count)
		output_helper_count_first(session->maker);
	return is_open;
}

/* The last step before events are read. */
static bool session_drop_privileges(struct session *session, struct problem *ret_problem)
{
	const struct privileges_use use = {
		.user_stacks = session->user_stacks != NULL,
		.commands = session->control != NULL,
		.workload = session->workload.pid,
		.map_fd = programs_loss_fd(session->programs),
	};

	return privileges_drop(&use, ret_problem) &&
	       (session->window || session_info_note_privileges(session->recording, ret_problem));
}

static void session_announce(const struct session *session)
{
	char events[512];

	options_describe_events(session->options, ", ", events, sizeof(events));
	if (session->window)
		message("recording to %s (%s; SIGUSR2 writes the last %s); press Ctrl-C to stop",
			session->path, events,
			quantity_of_duration(session->options->flight_ns).text);
	else
		message("recording to %s (%s); press Ctrl-C to stop",
			session->recording->output.file.path, events);
}

/* A second SIGINT or SIGTERM ends the program at once: the file is readable as it is. */
static void session_stop(struct session *session)
{
	sigset_t signals;

	session->is_stopping = true;
	session_request_window(session);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

static void session_read_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM)
			session_stop(session);
		if (info.ssi_signo == SIGHUP)
			session->is_rotating = true;
		if (info.ssi_signo == SIGUSR2 && session->window)
			session_request_window(session);
		else if (info.ssi_signo == SIGUSR2)
			message("SIGUSR2 is of use with --flight only");
	}
	if (workload_has_ended(&session->workload))
		session->is_stopping = true;
}

/* Lets the events go whose stacks are there, or have been waited for long enough. */
static bool session_release_events(struct session *session, uint64_t now_ns,
				   struct problem *ret_problem)
{
	if (session->user_stacks)
		user_stacks_poll(session->user_stacks);
	session->status = DZ_OK;
	if (session->sections)
		session->status = section_rows_release(session->sections, now_ns);
	if (session->status == DZ_OK && session->room)
		session->status = pending_events_release(session->room, now_ns);
	return session->status == DZ_OK ||
	       recording_problem(session->recording, session->status, ret_problem);
}

static bool session_read_rings(struct session *session, struct problem *ret_problem)
{
	bool more;

	if (!rings_read(session->rings, &more))
		return recording_problem(session->recording, session->status, ret_problem);
	return session_release_events(session, clock_boottime_ns(), ret_problem);
}

/* SIGHUP: all that has been seen until then goes to the present file. */
static void session_rotate(struct session *session)
{
	session->is_rotating = false;
	if (session->window)
		return;
	if (!session_release_events(session, UINT64_MAX, &session->rotation) ||
	    !session_change_file(session, &session->rotation))
		session_stop_rotating(session);
	else if (!session->options->quiet)
		session_announce(session);
}

/* Whether events wait for their stacks. */
static bool session_is_waiting(const struct session *session)
{
	return (session->room && !pending_events_is_empty(session->room)) ||
	       (session->sections && section_rows_are_waiting(session->sections));
}

static int session_timeout_ms(const struct session *session, uint64_t now_ns)
{
	uint64_t wait_ns = SESSION_POLL_NS;

	if (session->room)
		wait_ns = session_is_waiting(session) ? SESSION_POLL_WAITING_NS
						      : SESSION_POLL_STACKS_NS;
	if (session->options->duration_ns) {
		uint64_t end_ns = session->start_ns + session->options->duration_ns;
		uint64_t left_ns = end_ns > now_ns ? end_ns - now_ns : 0;

		if (left_ns < wait_ns)
			wait_ns = left_ns;
	}
	return (int)((wait_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* Ends the recording at a limit. After that it takes nothing but its own end. */
static void session_watch_limits(struct session *session)
{
	const struct output *output = &session->recording->output;

	if (session->window)
		return;
	if (session->size_limit.is_full)
		problem_set(&session->result.limit,
			    "%s: ended, as the file has reached --max-size %s: to go on, record "
			    "into another file, or allow a larger one",
			    output->file.path, quantity_of_bytes(session->options->max_bytes).text);
	else if (free_space_is_short(session->min_free_bytes, output->file.fd))
		problem_set(&session->result.limit,
			    "%s: ended, as its file system has less than %s left (--min-free): to "
			    "go on, make room, and record into another file",
			    output->file.path, quantity_of_bytes(session->min_free_bytes).text);
	if (session->result.limit.text[0])
		session->is_stopping = true;
}

/* What was opened for each CPU is opened for those that have come. */
static void session_follow_cpus(struct session *session, uint64_t now_ns)
{
	if (!cpu_hotplug_poll(session->cpus, now_ns))
		return;
	if (session->user_stacks)
		user_stacks_follow_cpus(session->user_stacks, session->cpus);
	if (programs_run(session->programs))
		section_programs_follow_cpus(programs_run(session->programs), session->cpus);
}

static bool session_tick(struct session *session, struct problem *ret_problem)
{
	uint64_t now_ns = clock_boottime_ns();

	session_follow_cpus(session, now_ns);
	if (now_ns - session->losses_ns >= SESSION_LOSSES_NS) {
		if (!losses_collect(session->losses, session->recording, ret_problem))
			return false;
		session->losses_ns = now_ns;
	}
	if (now_ns - session->counts_ns >= SESSION_COUNTS_NS &&
	    !session_count_sections(session, ret_problem))
		return false;
	if (session->options->duration_ns &&
	    now_ns - session->start_ns >= session->options->duration_ns)
		session->is_stopping = true;
	session_watch_limits(session);
	return recording_tick(session->recording, ret_problem) &&
	       (!session->window || session_tick_window(session, ret_problem));
}

static bool session_drain(struct session *session, struct problem *ret_problem)
{
	struct epoll_event events[8];

	while (!session->is_stopping) {
		int timeout_ms = session_timeout_ms(session, clock_boottime_ns());

		if (epoll_wait(session->epoll_fd, events, 8, timeout_ms) < 0 && errno != EINTR)
			return problem_set(ret_problem, "cannot wait for events: %s",
					   strerror(errno));
		/* First, as a section is going on when it has to be done. */
		if (session->sections)
			section_samples_switch(
				section_programs_samples(programs_run(session->programs)),
				clock_boottime_ns());
		session_read_signals(session);
		if (session->control)
			control_serve(session->control);
		if (!session_read_rings(session, ret_problem))
			return false;
		if (session->is_rotating)
			session_rotate(session);
		if (!session_tick(session, ret_problem))
			return false;
	}
	return true;
}

/* The last events wait for their stacks like all others. */
static bool session_await_stacks(struct session *session, struct problem *ret_problem)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS};

	while (session_is_waiting(session)) {
		if (!session_release_events(session, clock_boottime_ns(), ret_problem))
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

/* To detach can take longer than an event may wait for its stack, and nobody reads meanwhile: what
 * happened before is read first, with its stacks. */
static bool session_settle(struct session *session, struct problem *ret_problem)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS};
	const uint64_t end_ns = clock_boottime_ns() + USER_STACKS_WAIT_NS;

	do {
		if (!session_read_rings(session, ret_problem))
			return false;
		(void)nanosleep(&pause, NULL);
	} while (session_is_waiting(session) && clock_boottime_ns() < end_ns);
	return true;
}

static bool session_finish(struct session *session, struct problem *ret_problem)
{
	bool more = true;

	if (!session_settle(session, ret_problem))
		return false;
	programs_detach(session->programs);
	while (more) {
		if (!rings_read(session->rings, &more))
			return recording_problem(session->recording, session->status, ret_problem);
	}
	session_request_window(session);
	session->result.duration_ns = clock_boottime_ns() - session->start_ns;
	if (!session_await_stacks(session, ret_problem))
		return false;
	if (session->size_limit.is_full)
		session_watch_limits(session);
	if (!session_release_events(session, UINT64_MAX, ret_problem))
		return false;
	if (session->window)
		return session_finish_window(session, ret_problem);
	if (!session_close_recording(session, ret_problem))
		return false;
	session->result.lost_count = session_lost(session);
	session->result.cpu_ns = session_info_own_cpu_ns() - session->result.start_cpu_ns;
	if (session->rotation.text[0])
		*ret_problem = session->rotation;
	return session->rotation.text[0] == '\0';
}

static bool session_record(struct session *session, struct problem *ret_problem)
{
	session->start_ns = session->losses_ns = session->counts_ns = clock_boottime_ns();
	session->result.start_cpu_ns = session->file_cpu_ns = session_info_own_cpu_ns();
	if (!session->window &&
	    !recording_add_info_number(session->recording, "recorder.start_cpu_ns",
				       session->result.start_cpu_ns, ret_problem))
		return false;
	return session_drain(session, ret_problem) && session_finish(session, ret_problem);
}

/* The file is complete, but the program has not ended. */
static void session_announce_detaching(const struct session *session)
{
	const struct probe_programs *probes =
		session->programs ? programs_probes(session->programs) : NULL;
	size_t count = probes ? probe_programs_links_count(probes) : 0;

	if (!session->options->quiet && count >= SESSION_MANY_LINKS)
		message("all is recorded; detaching the probes takes a while");
}

/* Gives everything back, in whatever state it is. */
static void session_close(struct session *session, bool has_begun)
{
	if (session->recording_is_open) {
		if (has_begun || session->window)
			recording_abandon(session->recording);
		else
			recording_discard(session->recording);
	}
	if (session->last_output_is_open && has_begun)
		(void)output_close(&session->last_output);
	else if (session->last_output_is_open)
		output_discard(&session->last_output);
	disk_sync_free(session->disk_sync);
	flight_window_free(session->window);
	if (!control_close(session->control))
		output_helper_remove_control(session->maker);
	output_helper_end(session->maker);
	cpu_hotplug_end(session->cpus);
	rings_free(session->rings);
	section_rows_free(session->sections);
	losses_free(session->losses);
	pending_events_free(session->room);
	translator_free(session->translator);
	user_stacks_close(session->user_stacks);
	kallsyms_release(&session->symbols);
	programs_free(session->programs);
	workload_finish(&session->workload);
	if (session->signal_fd >= 0)
		(void)close(session->signal_fd);
	if (session->epoll_fd >= 0)
		(void)close(session->epoll_fd);
}

bool session_run(const struct options *options, struct session_result *ret_result,
		 struct problem *ret_problem)
{
	struct session session = {
		.options = options,
		.epoll_fd = -1,
		.signal_fd = -1,
		.size_limit = {.bytes_max = options->max_bytes, .option = "--max-size"},
		.result = {.kept_count = options->rotate_count},
	};
	bool recorded = false;
	bool begun;

	session.recording = session.recordings;
	if (options->rotate_bytes)
		session.size_limit = (struct size_limit){
			.bytes_max = options->rotate_bytes,
			.option = "--rotate",
			.next = {&session, session_begin_next},
		};
	begun = session_open(&session, ret_problem);
	if (begun && options->command &&
	    !workload_release(&session.workload, options->command[0], ret_problem))
		begun = false;
	begun = begun && session_drop_privileges(&session, ret_problem);
	if (begun) {
		if (!options->quiet)
			session_announce(&session);
		recorded = session_record(&session, ret_problem);
	}
	if (recorded)
		session_announce_detaching(&session);
	session_close(&session, begun);
	if (recorded && options->command)
		session.result.command_status = workload_exit_status(&session.workload);
	if (recorded)
		*ret_result = session.result;
	return recorded;
}
