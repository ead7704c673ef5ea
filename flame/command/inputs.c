/* flame/command/inputs.c - reads all inputs, .dz files and text, into a view */
#include "flame/command/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyze/fold/svg_stacks.h"
#include "analyze/program/program.h"
#include "flame/command/message.h"
#include "flame/style/amount.h"
#include "flame/trace/fold_stacks.h"
#include "flame/tree/frame_list.h"
#include "text/quantity.h"

#define PROGRESS_STEP 4096u
#define MAGIC_BYTES   16u
/* A smaller text is read before a second thread is in its sandbox. */
#define READ_AHEAD_BYTES_MIN ((uint64_t)4 << 20)
/* A flame graph is read as a whole. */
#define PICTURE_BYTES_MAX ((size_t)1 << 30)

static bool is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

static const char *shown_path(const char *path)
{
	return is_standard_input(path) ? "standard input" : path;
}

static enum stack_side side_of(const struct inputs *inputs, size_t input)
{
	return input < inputs->old_count ? SIDE_OLD : SIDE_NEW;
}

static const char *path_of(const struct inputs *inputs, size_t input)
{
	return shown_path(inputs->operands.paths[input]);
}

/* Reading a pipe consumes its bytes, so a pipe is always text. */
static bool is_trace(int fd)
{
	char start[MAGIC_BYTES];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       fold_recognizes(start, sizeof(start));
}

/* With many inputs, the fold opens each when its time comes. */
static bool add_trace(struct inputs *inputs, const char *path, int fd, enum stack_side side)
{
	if (operands_are_many(&inputs->operands) && !is_standard_input(path)) {
		close(fd);
		fd = -1;
	}
	if (!inputs->folds[side] && !fold_open(&inputs->options->request, &inputs->folds[side])) {
		if (fd >= 0)
			close(fd);
		message_status(NULL, FLAME_NO_MEMORY);
		return false;
	}
	if (!fold_add(inputs->folds[side], shown_path(path), fd)) {
		message_status(NULL, FLAME_NO_MEMORY);
		return false;
	}
	return operands_add(&inputs->traces[side], MESSAGE_PROGRAM, path);
}

static bool open_input(struct inputs *inputs, size_t input)
{
	const char *path = inputs->operands.paths[input];
	int fd = is_standard_input(path) ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		message(shown_path(path), "%s", strerror(errno));
		return false;
	}
	if (is_trace(fd))
		return add_trace(inputs, path, fd, side_of(inputs, input));
	inputs->fds[input] = fd;
	return true;
}

static bool add_operands(struct inputs *inputs)
{
	const struct options *options = inputs->options;
	struct operands *operands = &inputs->operands;

	for (size_t i = 0; i < options->input_count; i++) {
		if (!operands_add(operands, MESSAGE_PROGRAM, options->inputs[i]))
			return false;
		if (options->diff && i == 0)
			inputs->old_count = operands->count;
	}
	return !options->files_from ||
	       operands_add_list(operands, MESSAGE_PROGRAM, options->files_from);
}

static bool start_opener(struct inputs *inputs, enum stack_side side)
{
	if (!inputs->folds[side])
		return true;
	fold_set_opener(inputs->folds[side], operands_open, &inputs->traces[side]);
	return operands_start_opener(&inputs->traces[side], MESSAGE_PROGRAM);
}

/* Returns 0 if the size is unknown. */
static uint64_t size_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return 0;
	return (uint64_t)status.st_size;
}

/* Whether a second thread reads the text. A file does not make it wait, as a pipe does. */
static bool is_large(const struct inputs *inputs, size_t input)
{
	return inputs->fds[input] >= 0 && size_of(inputs->fds[input]) >= READ_AHEAD_BYTES_MIN;
}

void inputs_start_thread(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->operands.count && !inputs->ahead; i++)
		if (is_large(inputs, i))
			inputs->ahead = read_ahead_start();
}

void inputs_enter_sandbox(struct inputs *inputs)
{
	program_enter_sandbox();
	if (inputs->ahead)
		read_ahead_enter(inputs->ahead, program_enter_sandbox_thread);
}

bool inputs_open(struct inputs *inputs, const struct options *options, struct view *view)
{
	*inputs = (struct inputs){.options = options, .view = view};
	if (!add_operands(inputs))
		return false;
	inputs->fds = malloc((inputs->operands.count + 1) * sizeof(*inputs->fds));
	if (!inputs->fds) {
		message_status(NULL, FLAME_NO_MEMORY);
		return false;
	}
	for (size_t i = 0; i < inputs->operands.count; i++)
		inputs->fds[i] = -1;
	for (size_t i = 0; i < inputs->operands.count; i++)
		if (!open_input(inputs, i))
			return false;
	return !operands_are_many(&inputs->operands) ||
	       (start_opener(inputs, SIDE_OLD) && start_opener(inputs, SIDE_NEW));
}

void inputs_close(struct inputs *inputs)
{
	for (size_t i = 0; inputs->fds && i < inputs->operands.count; i++)
		if (inputs->fds[i] >= 0)
			close(inputs->fds[i]);
	free(inputs->fds);
	read_ahead_end(inputs->ahead);
	fold_close(inputs->folds[SIDE_NEW]);
	fold_close(inputs->folds[SIDE_OLD]);
	operands_release(&inputs->operands);
	operands_release(&inputs->traces[SIDE_NEW]);
	operands_release(&inputs->traces[SIDE_OLD]);
	*inputs = (struct inputs){0};
}

static void report_bad_lines(const char *path, const struct input_report *report)
{
	for (size_t i = 0; i < report->bad_lines && i < INPUT_COMPLAINTS_MAX; i++)
		if (report->complaints[i].reason)
			message(path, "line %" PRIu64 ": %s: skipped", report->complaints[i].line,
				report->complaints[i].reason);
	if (report->bad_lines > 0)
		message(path, "%" PRIu64 " of %" PRIu64 " lines cannot be used", report->bad_lines,
			report->lines);
}

/* "cycles:u (120), faults (3)" without the event that is drawn; valid until the next call. */
static const char *list_events(const struct input_report *report, const char *without)
{
	static char text[INPUT_EVENTS_MAX * (INPUT_EVENT_NAME_MAX + 24) + 64];
	size_t size = 0;

	text[0] = '\0';
	for (size_t i = 0; i < report->event_count; i++) {
		const struct input_event *event = &report->events[i];

		if (without && strcmp(event->name, without) == 0)
			continue;
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%s (%" PRIu64 ")",
					 size > 0 ? ", " : "", event->name, event->samples);
	}
	if (report->further_events > 0)
		snprintf(text + size, sizeof(text) - size, ", and further events (%" PRIu64 ")",
			 report->further_events);
	return text;
}

static uint64_t samples_of(const struct input_report *report, const char *event)
{
	for (size_t i = 0; i < report->event_count; i++)
		if (strcmp(report->events[i].name, event) == 0)
			return report->events[i].samples;
	return 0;
}

static void report_notes(const char *path, const struct input_report *report,
			 const struct text_filter *filter)
{
	bool is_map = report->format == INPUT_BPFTRACE;

	if (filter->one_id)
		message(path, "the text has one id for each sample: --tgid and --tid both compare "
			      "it: for both ids, use perf script -F +pid");
	if (report->cut_fractions > 0)
		message(path, "%" PRIu64 " counts have more than %u decimals: the rest was dropped",
			report->cut_fractions, STACK_DECIMALS_MAX);
	if (report->lost_events > 0)
		message(path, "%" PRIu64 " events were lost while perf recorded",
			report->lost_events);
	if (report->other_lines > 0 && report->event_count > 1)
		message(path,
			"only %s %s is counted (%" PRIu64 " %s): for another, use --perf-event: %s",
			is_map ? "map" : "event", report->event, samples_of(report, report->event),
			is_map ? "stacks" : "samples", list_events(report, report->event));
	else if (report->other_lines > 0)
		message(path, "%" PRIu64 " lines of another kind than the first were skipped",
			report->other_lines);
}

/* Counts the stacks for the progress line. */
static enum flame_status pass_stack(void *context, const struct stack *stack)
{
	struct inputs *inputs = context;
	const struct stack_sink sink = view_sink(inputs->view);

	inputs->stacks++;
	if (inputs->stacks % PROGRESS_STEP == 0)
		progress_update(&inputs->progress,
				inputs->source ? input_source_position(inputs->source) : 0,
				inputs->stacks);
	return sink.stack(sink.context, stack);
}

static enum flame_status pass_filtered(void *context, const struct stack *stack)
{
	struct inputs *inputs = context;

	return text_filter_pass(&inputs->filter, stack);
}

/* Whether an option has no effect on the input; prints which. */
static bool is_misused(const struct inputs *inputs, const char *path)
{
	const struct text_filter *filter = &inputs->filter;

	if (filter->refused)
		message(path, "%s: no effect here: %s", filter->refused, filter->refused_why);
	return filter->refused;
}

/* Whether --perf-event names an event that the input does not have; prints those that it has. */
static bool lacks_event(const char *asked, const char *path, const struct input_report *report)
{
	if (!asked || report->event[0])
		return false;
	if (report->event_count == 0 || !report->events[0].name[0])
		message(path, "--perf-event %s: no effect here: the input names no events", asked);
	else
		message(path, "--perf-event %s: no such samples: the input has %s", asked,
			list_events(report, NULL));
	return true;
}

/* Folded text of difffolded.pl, which looks like names that end in a number. */
static bool has_two_columns(const struct input_report *report, const struct input_options *options)
{
	return report->format == INPUT_FOLDED && options->format == INPUT_DETECT &&
	       !options->two_columns && report->two_counts > 1 &&
	       report->two_counts == report->lines - report->ignored_lines - report->bad_lines;
}

/* Whether the input is refused; prints why. */
static bool is_refused(const char *path, const struct input_report *report,
		       const struct input_options *options)
{
	if (report->foreign)
		message(path, "%s", report->foreign);
	else if (input_is_unusable(report) && report->is_binary)
		message(path, "not text: of a pprof profile, use what pprof -traces prints");
	else if (input_is_unusable(report))
		message(path, "not %s: most lines cannot be used: see INPUT in diag-flame(1)",
			input_format_text(report->format));
	else if (has_two_columns(report, options))
		message(path, "two counts on every line: use --two-columns for a difference, or "
			      "--input-format folded if the first one is part of a name");
	else
		return false;
	return true;
}

/* Prints what was found in the input. Returns the status of the whole. */
static enum flame_status finish_lines(struct inputs *inputs, const char *path,
				      const struct input_report *report, enum flame_status status)
{
	/* After a failure, whether the end was reached depends on when the other thread stopped. */
	bool is_read = status == FLAME_OK || status == FLAME_FORMAT;
	const char *problem = is_read ? input_source_problem(inputs->source) : NULL;

	if (is_misused(inputs, path)) {
		inputs->misused = true;
		return FLAME_FORMAT;
	}
	if (inputs->options->input.two_columns && report->format != INPUT_FOLDED &&
	    status == FLAME_OK) {
		message(path, "--two-columns: no effect here: only folded text has two counts");
		inputs->misused = true;
	}
	/* A binary file has no lines to report. */
	if (!report->is_binary || !input_is_unusable(report))
		report_bad_lines(path, report);
	if (problem)
		message(path, "%s: the rest was not read", problem);
	if (is_read && is_refused(path, report, &inputs->options->input))
		return FLAME_FORMAT;
	inputs->damaged = inputs->damaged || report->bad_lines > 0 || problem;
	if (__builtin_add_overflow(inputs->lost_events, report->lost_events, &inputs->lost_events))
		inputs->lost_events = UINT64_MAX;
	if (report->unit)
		inputs->unit = report->unit;
	if (report->format == INPUT_PERF && report->event[0])
		memcpy(inputs->event, report->event, sizeof(inputs->event));
	if (status == FLAME_OK && lacks_event(inputs->options->input.event, path, report))
		inputs->misused = true;
	else if (!inputs->options->quiet && status == FLAME_OK)
		report_notes(path, report, &inputs->filter);
	if (status == FLAME_OVERFLOW)
		message(path, "line %" PRIu64 ": %s%s", report->lines, flame_status_text(status),
			report->format == INPUT_PERF ? ", or count samples, with perf script -F "
						       "-period"
						     : "");
	else if (status != FLAME_OK)
		message_status(path, status);
	return status;
}

/* Passes the stacks of a flame graph to the view. */
struct carrier {
	struct inputs *inputs;
	struct frame_list frames; /* of the current stack */
	enum stack_side side;
	enum flame_status status; /* after a failure, further stacks are ignored */
};

static enum frame_type frame_type_from_svg(enum svg_frame_type type)
{
	static const enum frame_type types[SVG_FRAME_TYPES + 1] = {
		[SVG_FRAME_USER] = FRAME_TYPE_USER,       [SVG_FRAME_LIBRARY] = FRAME_TYPE_LIBRARY,
		[SVG_FRAME_KERNEL] = FRAME_TYPE_KERNEL,   [SVG_FRAME_JIT] = FRAME_TYPE_JIT,
		[SVG_FRAME_INLINED] = FRAME_TYPE_INLINED, [SVG_FRAME_GROUP] = FRAME_TYPE_GROUP,
		[SVG_FRAME_UNKNOWN] = FRAME_TYPE_UNKNOWN, [SVG_FRAME_LOST] = FRAME_TYPE_LOST,
		[SVG_FRAME_TYPES] = FRAME_TYPE_AUTO,
	};

	return types[type];
}

static bool carry_drawn(void *context, const struct svg_stack *given)
{
	struct carrier *carrier = context;
	struct inputs *inputs = carrier->inputs;
	struct stack stack = {
		.side = carrier->side,
		.weight = given->weight,
		.decimals = given->decimals,
	};

	if (given->unit[0] && !inputs->unit) {
		(void)snprintf(inputs->drawn_unit, sizeof(inputs->drawn_unit), "%s", given->unit);
		inputs->unit = inputs->drawn_unit;
	}
	carrier->frames.count = 0;
	for (size_t i = 0; i < given->count && carrier->status == FLAME_OK; i++) {
		const struct frame frame = {
			.name = given->frames[i].name,
			.size = strlen(given->frames[i].name),
			.type = frame_type_from_svg(given->frames[i].type),
		};

		carrier->status = frame_list_add(&carrier->frames, &frame);
	}
	stack.frames = carrier->frames.items;
	stack.count = carrier->frames.count;
	if (carrier->status == FLAME_OK)
		carrier->status = pass_filtered(inputs, &stack);
	return carrier->status == FLAME_OK;
}

/* Reads a flame graph of this program, which needs to be in memory as a whole. */
static enum flame_status read_picture(struct inputs *inputs, size_t input)
{
	const char *path = path_of(inputs, input);
	struct carrier carrier = {.inputs = inputs, .side = side_of(inputs, input)};
	const struct svg_stacks_sink sink = {.context = &carrier, .stack = carry_drawn};
	struct input_line text;
	enum flame_status status = input_line_peek(&inputs->lines, PICTURE_BYTES_MAX, &text);
	enum svg_stacks_status result;

	if (status != FLAME_OK) {
		message_status(path, status);
		return status;
	}
	result = svg_stacks_run(text.text, text.size, &sink);
	frame_list_release(&carrier.frames);
	if (is_misused(inputs, path))
		inputs->misused = true;
	else if (carrier.status != FLAME_OK)
		message_status(path, carrier.status);
	else if (result != SVG_STACKS_OK)
		message(path, "%s", svg_stacks_status_text(result));
	return result == SVG_STACKS_OK ? carrier.status : FLAME_FORMAT;
}

static bool is_picture(struct inputs *inputs)
{
	struct input_line start;

	return input_line_peek(&inputs->lines, MAGIC_BYTES, &start) == FLAME_OK &&
	       svg_stacks_recognizes(start.text, start.size);
}

static enum flame_status read_lines(struct inputs *inputs, size_t input)
{
	const struct stack_sink sink = {.context = inputs, .stack = pass_filtered};
	const char *path = path_of(inputs, input);
	struct input_options options = inputs->options->input;
	struct input_report report = {0};
	enum flame_status status;

	if (options.format == INPUT_DETECT && is_picture(inputs))
		return read_picture(inputs, input);
	options.side = side_of(inputs, input);
	if (!inputs->options->quiet)
		progress_begin(&inputs->progress, stderr, MESSAGE_PROGRAM,
			       size_of(inputs->fds[input]));
	status = inputs->ahead && is_large(inputs, input)
			 ? read_ahead_input(inputs->ahead, &inputs->lines, &options, &sink, &report)
			 : input_read(&inputs->lines, &options, &sink, &report);
	progress_end(&inputs->progress);
	return finish_lines(inputs, path, &report, status);
}

static bool read_text(struct inputs *inputs, size_t input)
{
	enum flame_status status = FLAME_NO_MEMORY;

	inputs->filter = (struct text_filter){
		.request = &inputs->options->request,
		.sink = {.context = inputs, .stack = pass_stack},
		.is_active = text_filter_is_needed(&inputs->options->request),
	};
	inputs->source = input_source_new(inputs->fds[input]);
	if (inputs->source)
		status = input_line_open_source(&inputs->lines, inputs->source);
	if (status == FLAME_OK)
		status = read_lines(inputs, input);
	else
		message_status(NULL, status);
	inputs->left_out += inputs->filter.left_out;
	line_reader_close(&inputs->lines);
	input_source_free(inputs->source);
	text_filter_release(&inputs->filter);
	inputs->source = NULL;
	return status == FLAME_OK;
}

static const struct input_problem *next_problem(const void *context, size_t number)
{
	return fold_problem(context, number);
}

static bool read_traces(struct inputs *inputs, enum stack_side side)
{
	struct fold_stacks stacks = {
		.sink = {.context = inputs, .stack = pass_stack},
		.side = side,
	};
	const struct fold_sink sink = {.context = &stacks, .stack = fold_stacks_pass};
	struct fold *fold = inputs->folds[side];
	enum program_status problems;
	enum fold_status status;

	if (!fold)
		return true;
	status = fold_run(fold, &sink);
	fold_stacks_release(&stacks);
	if (stacks.status != FLAME_OK)
		message_status(NULL, stacks.status);
	problems = program_print_problems(MESSAGE_PROGRAM, fold, next_problem);
	inputs->damaged = inputs->damaged || problems != PROGRAM_OK;
	inputs->is_timed = inputs->is_timed || fold_describe(fold).unit == FOLD_NANOSECONDS;
	return status != FOLD_FAILED && stacks.status == FLAME_OK;
}

/* Whether an option about text is given, and there is none; prints which. */
static bool lacks_text(const struct inputs *inputs)
{
	const struct input_options *input = &inputs->options->input;
	const char *option = input->event         ? "--perf-event"
			     : input->two_columns ? "--two-columns"
						  : "--input-format";

	for (size_t i = 0; i < inputs->operands.count; i++)
		if (inputs->fds[i] >= 0)
			return false;
	if (!input->event && !input->two_columns && input->format == INPUT_DETECT)
		return false;
	message(NULL, "%s: no effect on traces of diag-record", option);
	return true;
}

bool inputs_read(struct inputs *inputs)
{
	inputs->misused = lacks_text(inputs);
	if (inputs->misused)
		return false;
	if (!read_traces(inputs, SIDE_OLD) || !read_traces(inputs, SIDE_NEW))
		return false;
	for (size_t i = 0; i < inputs->operands.count; i++)
		if (inputs->fds[i] >= 0 && !read_text(inputs, i))
			return false;
	return !inputs->misused;
}

/* "2024-05-01 12:00:00 UTC for 3.2 s" */
static void write_time(char *text, size_t size, const struct fold_description *about)
{
	time_t seconds = (time_t)(about->start_ns / UINT64_C(1000000000));
	char start[32] = "an unknown time";
	struct tm utc;

	if (about->start_ns > 0 && gmtime_r(&seconds, &utc))
		strftime(start, sizeof(start), "%Y-%m-%d %H:%M:%S UTC", &utc);
	snprintf(text, size, "%s for %s", start, quantity_of_duration(about->duration_ns).text);
}

static bool add_origin(struct title_lines *lines, const char *prefix,
		       const struct fold_description *about)
{
	char time[80];

	write_time(time, sizeof(time), about);
	return title_lines_add(lines, "%s%s%s%.*s; %s; from %s%s", prefix,
			       about->host[0] ? about->host : "unknown host",
			       about->kernel[0] ? ", Linux " : "",
			       /* The release only, not the build. */
			       (int)strcspn(about->kernel, " "), about->kernel,
			       about->kinds[0] ? about->kinds : "all events", time,
			       about->lost == 0 ? "; none lost" : "");
}

/* Adds the file and its uuid, by which the trace can be found again. */
static bool add_trace_name(struct title_lines *lines, const char *prefix,
			   const struct fold_description *about)
{
	const char *slash = strrchr(about->path, '/');
	char uuid[40];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(about->uuid); i++)
		used += (size_t)snprintf(uuid + used, sizeof(uuid) - used, "%s%02x",
					 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
					 about->uuid[i]);
	if (about->files > 1)
		return title_lines_add(lines, "%strace: %s (%s) and %zu more", prefix,
				       slash ? slash + 1 : about->path, uuid, about->files - 1);
	return title_lines_add(lines, "%strace: %s (%s)", prefix, slash ? slash + 1 : about->path,
			       uuid);
}

/* A share of all events, while the share of a frame [lost] is one of the events that are drawn. */
static bool add_lost(struct title_lines *lines, const char *prefix,
		     const struct fold_description *about)
{
	if (about->lost == 0)
		return true;
	return title_lines_add(lines, "%s%s of these events (%s %%) were lost while recording",
			       prefix, quantity_exact(about->lost).text,
			       amount_percent(about->lost, about->lost + about->stacks).text);
}

/* Adds the options that change how events are drawn; nothing for the defaults. */
static bool describe_shape(const struct fold_shape *shape, struct title_lines *lines)
{
	static const char *const times[] = {
		[FOLD_TIME_ALL] = "",
		[FOLD_TIME_ON_CPU] = ", time on a CPU",
		[FOLD_TIME_OFF_CPU] = ", time off the CPU",
	};
	char section[40] = "";
	char text[160];

	if (shape->section > 0)
		snprintf(section, sizeof(section), ", section %" PRIu64, shape->section);
	snprintf(text, sizeof(text), "%s%s%s%s", section, times[shape->time],
		 shape->no_kernel ? ", without kernel frames" : "",
		 shape->no_user ? ", without user frames" : "");
	return !text[0] || title_lines_add(lines, "drawn: %s", text + strlen(", "));
}

static bool add_clean_exits(struct title_lines *lines, const char *prefix,
			    const struct fold_description *about)
{
	if (about->clean_exits == 0)
		return true;
	return title_lines_add(lines, "%s%s exit%s with code 0 not drawn: see --clean-exits",
			       prefix, quantity_exact(about->clean_exits).text,
			       about->clean_exits == 1 ? "" : "s");
}

static bool describe_fold(const struct fold *fold, const char *prefix, bool with_command,
			  struct title_lines *lines)
{
	struct fold_description about;

	if (!fold)
		return true;
	about = fold_describe(fold);
	if (!add_origin(lines, prefix, &about))
		return false;
	if (!add_trace_name(lines, prefix, &about) || !add_lost(lines, prefix, &about) ||
	    !add_clean_exits(lines, prefix, &about))
		return false;
	if (about.selection[0] &&
	    !title_lines_add(lines, "%sselected: %s", prefix, about.selection))
		return false;
	return !with_command || !about.command[0] ||
	       title_lines_add(lines, "%srecorded by: %s", prefix, about.command);
}

bool inputs_title(const struct inputs *inputs, struct title_lines *lines)
{
	struct fold_description about;
	char time[80];

	if (!inputs->folds[SIDE_NEW])
		return true;
	about = fold_describe(inputs->folds[SIDE_NEW]);
	write_time(time, sizeof(time), &about);
	return title_lines_add(lines, "%s%s%s, %s", about.kinds[0] ? about.kinds : "events",
			       about.host[0] ? " on " : "", about.host, time);
}

bool inputs_describe(const struct inputs *inputs, struct title_lines *lines)
{
	bool two = inputs->folds[SIDE_OLD] != NULL;
	bool command = inputs->options->with_command;

	return describe_fold(inputs->folds[SIDE_OLD], "old: ", command, lines) &&
	       describe_fold(inputs->folds[SIDE_NEW], two ? "new: " : "", command, lines) &&
	       (inputs->lost_events == 0 ||
		title_lines_add(lines, "%s events were lost while perf recorded",
				quantity_exact(inputs->lost_events).text)) &&
	       (!inputs->folds[SIDE_NEW] || describe_shape(&inputs->options->request.shape, lines));
}
