/* record/session/control_commands.c - the commands of the control socket, as lines of text */
#include "record/session/control_commands.h"

#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/session/session_files.h"
#include "record/session/session_info.h"
#include "text/escape.h"

#define CONTROL_NS_PER_MS 1000000u
#define CONTROL_NS_PER_S  1000000000u

static void write_text(FILE *answer, const char *key, const char *text)
{
	(void)fprintf(answer, "%s ", key);
	(void)escape_write(answer, ESCAPE_TERMINAL, text, strlen(text));
	(void)fputc('\n', answer);
}

static void write_number(FILE *answer, const char *key, uint64_t number)
{
	(void)fprintf(answer, "%s %" PRIu64 "\n", key, number);
}

/* With a flight window: the directory, or the name that those of the windows are made from. */
static const char *path_of(const struct session_file *file)
{
	return file->window ? file->path : file->recording->output.file.path;
}

static void write_since(FILE *answer, uint64_t duration_ns)
{
	const time_t since = time(NULL) - (time_t)(duration_ns / CONTROL_NS_PER_S);
	struct tm parts;
	char text[32];

	if (gmtime_r(&since, &parts) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts))
		write_text(answer, "since", text);
	write_number(answer, "seconds", duration_ns / CONTROL_NS_PER_S);
}

/* Events that wait in memory are not counted yet: at most those of the last second. */
static uint64_t count_events(const struct session_file *file)
{
	const uint64_t current = dz_writer_totals(file->recording->writer).events;

	return current + (file->window ? file->piece_events : file->result.event_count);
}

static uint64_t count_bytes(const struct session_file *file)
{
	const uint64_t current = dz_writer_totals(file->recording->writer).bytes;

	return current + (file->window ? file->piece_bytes : file->result.bytes);
}

static void write_counts(const struct control_commands *commands, FILE *answer)
{
	const struct session_file *file = commands->file;

	write_number(answer, "written-events", count_events(file));
	write_number(answer, "lost-events",
		     session_lost(file, commands->kernel, commands->convert));
	if (file->window) {
		write_number(answer, "written-windows", file->result.file_count);
		write_number(answer, "window-bytes", flight_window_bytes(file->window));
	} else {
		write_number(answer, "files", file->result.file_count);
	}
}

static void write_cost(const struct control_commands *commands, uint64_t duration_ns, FILE *answer)
{
	const uint64_t cpu_ns =
		session_cpu_ns(commands->file) - commands->file->result.start_cpu_ns;

	const struct programs_cost bpf = programs_cost(commands->kernel->programs);
	const uint64_t events = count_events(commands->file);

	write_number(answer, "cpu-ms", cpu_ns / CONTROL_NS_PER_MS);
	(void)fprintf(answer, "cpu-percent %.1f\n",
		      duration_ns ? 100.0 * (double)cpu_ns / (double)duration_ns : 0.0);
	write_number(answer, "written-bytes", count_bytes(commands->file));
	if (events) {
		(void)fprintf(answer, "bytes-per-event %.2f\n",
			      (double)count_bytes(commands->file) / (double)events);
		write_number(answer, "cpu-ns-per-event", cpu_ns / events);
	}
	/* The kernel measures BPF programs only if kernel.bpf_stats_enabled is set. */
	if (bpf.runs == 0)
		return;
	write_number(answer, "bpf-runs", bpf.runs);
	write_number(answer, "bpf-ms", bpf.run_time_ns / CONTROL_NS_PER_MS);
	write_number(answer, "bpf-ns-per-run", bpf.run_time_ns / bpf.runs);
}

/* The heap contains all parts but the window. */
static void write_memory(const struct control_commands *commands, FILE *answer)
{
	const struct mallinfo2 heap = mallinfo2();
	struct user_stacks_statistics stacks;

	write_number(answer, "heap-bytes", heap.uordblks + heap.hblkhd);
	write_number(answer, "heap-free-bytes", heap.fordblks);
	if (!commands->convert->user_stacks)
		return;
	user_stacks_get_statistics(commands->convert->user_stacks, &stacks);
	write_number(answer, "module-bytes", stacks.worker.modules.memory_bytes);
	write_number(answer, "mapping-bytes", stacks.maps.processes.memory_bytes);
	write_number(answer, "stack-bytes", stacks.stack_bytes);
	write_number(answer, "mapped-files", stacks.maps.files.files);
	write_number(answer, "mapped-processes", stacks.maps.processes.processes);
}

static void command_status(const struct control_commands *commands, FILE *answer)
{
	const uint64_t duration_ns = clock_boottime_ns() - *commands->start_ns;
	char events[512];

	options_describe_events(commands->file->options, ",", events, sizeof(events));
	write_text(answer, "version", DIAG_VERSION);
	write_number(answer, "pid", (uint64_t)getpid());
	write_text(answer, "events", events);
	write_text(answer, "output", path_of(commands->file));
	write_since(answer, duration_ns);
	write_counts(commands, answer);
	write_cost(commands, duration_ns, answer);
	write_memory(commands, answer);
	(void)fputs("ok\n", answer);
}

static void write_limit(FILE *answer, const char *key, uint64_t number)
{
	if (number)
		write_number(answer, key, number);
}

static void write_triggers(FILE *answer, const struct trigger *trigger)
{
	for (size_t i = 0; i < trigger->count; i++)
		write_text(answer, "trigger", trigger->alternatives[i].text);
	if (trigger->count == 0)
		return;
	write_number(answer, "after-ms", trigger->after_ns / CONTROL_NS_PER_MS);
	write_number(answer, "cooldown-ms", trigger->cooldown_ns / CONTROL_NS_PER_MS);
	write_number(answer, "max-windows", trigger->windows_max);
}

/* The values of the events that are recorded. */
static void write_events(FILE *answer, const struct options *options)
{
	if (options->events & OPTIONS_RUNQ)
		write_number(answer, "runq-us", options->profile.runq_ns / 1000);
	if (options->events & OPTIONS_OFFCPU)
		write_number(answer, "offcpu-us", options->profile.offcpu_ns / 1000);
	if (options->events & OPTIONS_CPU)
		write_limit(answer, "cpu-hertz", options->profile.cpu_hertz);
	write_limit(answer, "min-latency-us", options->probes.min_latency_ns / 1000);
	write_limit(answer, "every", options->probes.every);
	write_limit(answer, "max-per-second", options->probes.max_per_second);
}

/* A limit that is not set has no line. */
static void command_settings(const struct control_commands *commands, FILE *answer)
{
	const struct options *options = commands->file->options;

	write_events(answer, options);
	if (commands->sections.programs)
		section_commands_settings(&commands->sections, answer);
	write_limit(answer, "flight-ms", options->flight_ns / CONTROL_NS_PER_MS);
	write_limit(answer, "flight-bytes", options->flight_bytes);
	write_triggers(answer, &options->always_on.trigger);
	write_limit(answer, "rotate-bytes", options->rotate_bytes);
	write_limit(answer, "rotate-count", options->rotate_count);
	write_limit(answer, "max-size-bytes", options->max_bytes);
	write_limit(answer, "min-free-bytes", commands->file->min_free_bytes);
	write_limit(answer, "keep-bytes", options->always_on.keep_bytes);
	write_limit(answer, "keep-seconds", options->always_on.keep_s);
	write_limit(answer, "duration-ms", options->duration_ns / CONTROL_NS_PER_MS);
	(void)fputs("ok\n", answer);
}

static void command_write(const struct control_commands *commands, FILE *answer)
{
	if (!commands->file->window) {
		(void)fputs("error: no flight window: start with --flight\n", answer);
		return;
	}
	session_request_window(commands->file, "request");
	(void)fputs("ok\n", answer);
}

static void command_rotate(const struct control_commands *commands, FILE *answer)
{
	const struct session_file *file = commands->file;
	struct problem problem = {""};

	if (file->window)
		(void)fputs("error: no file to rotate with --flight: use flight write\n", answer);
	else if (!options_name_file(file->options))
		(void)fputs("error: no file to rotate with --live alone\n", answer);
	else if (!commands->rotate(commands->context, &problem))
		write_text(answer, "error:", problem.text);
	else {
		write_text(answer, "output", path_of(file));
		(void)fputs("ok\n", answer);
	}
}

static void command_stop(const struct control_commands *commands, FILE *answer)
{
	commands->stop(commands->context);
	(void)fputs("ok\n", answer);
}

void control_commands_run(void *context, char *line, FILE *answer)
{
	static const struct {
		const char *words;
		void (*run)(const struct control_commands *commands, FILE *answer);
	} table[] = {
		{"status", command_status},      {"settings", command_settings},
		{"flight write", command_write}, {"rotate", command_rotate},
		{"stop", command_stop},
	};
	struct control_commands *commands = context;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(line, table[i].words) == 0) {
			table[i].run(commands, answer);
			return;
		}
	}
	if (!section_commands_run(&commands->sections, line, answer))
		(void)fputs("error: no such command: use status, settings, flight write, rotate, "
			    "section start, section stop, set-syscall, clear-syscall or stop\n",
			    answer);
}
