/* analyze/trace/trace.c - one or more .dz files as one sequence of events in time order */
#include "analyze/trace/trace.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

struct input {
	struct trace_file file;
	int fd;
	struct dz_source source;
	struct dz_reader *damaged; /* of the file itself, if its copy is read instead; NULL: none */
	struct dz_source copy;
	int copy_fd;
	enum dz_status load_status; /* not DZ_OK: why file.reader is NULL */
	int error_number;           /* errno, if load_status is DZ_IO */
	bool waiting;               /* `next` holds an event that trace_next() has not returned */
	struct trace_event next;
};

/*
 * trace_next() merges the files. Each input holds its next event. The event with the lowest time is
 * returned, and its input stays current for as long as its next event is not later than the first
 * event of all other inputs, others_next_ns. Only then all inputs are compared again.
 *
 * File A has events at 10, 11, 12 and 30, file B at 20 and 40. The first call compares 10 with 20:
 * A is current, others_next_ns is 20. 11 and 12 follow without a comparison. 30 is later than 20,
 * so the inputs are compared: B is current, others_next_ns is 30. 20 is returned; 40 is later than
 * 30, and so on: 10 11 12 20 30 40, with four comparisons of all inputs instead of six.
 */
struct trace {
	struct input *inputs;
	size_t count;
	size_t capacity;
	struct input *current;   /* whose event was returned last; NULL: none */
	uint64_t others_next_ns; /* the first event of all inputs but `current` */
	struct input_problem *problems;
	size_t problem_count;
	size_t problem_capacity;
	const struct input *failed; /* the file with the read error; NULL: none */
	enum dz_status failure;
	int failure_number; /* errno, if failure is DZ_IO */
};

bool trace_new(struct trace **ret_trace)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return false;
	*ret_trace = trace;
	return true;
}

bool trace_add(struct trace *trace, const char *path, int fd)
{
	struct input *grown = array_grow(trace->inputs, &trace->capacity, trace->count + 1,
					 sizeof(*grown), ARRAY_NO_LIMIT);
	struct stat status;

	if (!grown) {
		close(fd);
		return false;
	}
	trace->inputs = grown;
	grown[trace->count] = (struct input){.file = {.path = path}, .fd = fd};
	if (fstat(fd, &status) == 0 && status.st_size > 0)
		grown[trace->count].file.size_bytes = (uint64_t)status.st_size;
	trace->count++;
	return true;
}

static enum dz_status load(struct input *input)
{
	static const struct dz_reader_options options = {0};
	enum dz_status status = dz_source_file(input->fd, &input->source);

	if (status != DZ_OK)
		return status;
	return dz_reader_open(&input->source, &options, &input->file.reader);
}

static void number_boot(struct trace *trace, size_t at)
{
	struct input *input = &trace->inputs[at];
	const uint8_t *boot_id = dz_reader_header(input->file.reader)->boot_id;

	input->file.boot = (uint32_t)at;
	for (size_t i = 0; i < at; i++) {
		const struct dz_reader *reader = trace->inputs[i].file.reader;

		if (reader && memcmp(dz_reader_header(reader)->boot_id, boot_id, 16) == 0) {
			input->file.boot = trace->inputs[i].file.boot;
			return;
		}
	}
}

uint64_t trace_size_bytes(const struct trace *trace)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < trace->count; i++)
		sum += trace->inputs[i].file.size_bytes;
	return sum;
}

bool trace_load(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++) {
		struct input *input = &trace->inputs[i];

		input->load_status = load(input);
		input->error_number = errno;
		if (input->load_status == DZ_NO_MEMORY)
			return false;
		if (input->file.reader)
			number_boot(trace, i);
	}
	return true;
}

const struct dz_source *trace_source(const struct trace *trace, size_t number)
{
	return number < trace->count ? &trace->inputs[number].source : NULL;
}

enum dz_status trace_substitute(struct trace *trace, size_t number, int fd)
{
	static const struct dz_reader_options options = {0};
	struct input *input = &trace->inputs[number];
	struct dz_reader *reader = NULL;
	enum dz_status status = dz_source_file(fd, &input->copy);

	/* The copy has no damage, so damage of the file is searched here. */
	if (status == DZ_OK)
		status = dz_reader_verify(input->file.reader);
	if (status == DZ_OK)
		status = dz_reader_open(&input->copy, &options, &reader);
	if (status != DZ_OK) {
		close(fd);
		return status;
	}
	input->copy_fd = fd;
	input->damaged = input->file.reader;
	input->file.reader = reader;
	return DZ_OK;
}

/* Returns the reader of the file itself, not of its copy. */
static const struct dz_reader *own_reader(const struct input *input)
{
	return input->damaged ? input->damaged : input->file.reader;
}

bool trace_is_readable(const struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		if (trace->inputs[i].file.reader)
			return true;
	return false;
}

static enum trace_status fail(struct trace *trace, const struct input *input, enum dz_status status)
{
	trace->failed = input;
	trace->failure = status;
	trace->failure_number = errno;
	return TRACE_FAILED;
}

/* Reads the next event of an input into `next`. */
static enum trace_status read_ahead(struct trace *trace, struct input *input)
{
	struct trace_event *next = &input->next;
	enum dz_status status = dz_reader_next(input->file.reader, &next->event);

	input->waiting = status == DZ_OK;
	if (status == DZ_END)
		return TRACE_OK;
	if (status != DZ_OK)
		return fail(trace, input, status);
	next->file = &input->file;
	next->unix_ns = dz_reader_realtime_ns(input->file.reader, next->event.time_ns);
	return TRACE_OK;
}

enum trace_status trace_rewind(struct trace *trace, uint64_t kinds)
{
	const struct dz_reader_options options = {.kinds = kinds};

	trace->current = NULL;
	for (size_t i = 0; i < trace->count; i++) {
		struct input *input = &trace->inputs[i];
		enum dz_status status;

		input->waiting = false;
		if (!input->file.reader)
			continue;
		status = dz_reader_rewind(input->file.reader, &options);
		if (status != DZ_OK)
			return fail(trace, input, status);
		if (read_ahead(trace, input) != TRACE_OK)
			return TRACE_FAILED;
	}
	return TRACE_OK;
}

/* Finds the input with the earliest event, and the time of the earliest event of the others. The
 * times of files from one machine rarely overlap, so this is rarely needed. */
static struct input *find_earliest(struct trace *trace)
{
	struct input *earliest = NULL;

	trace->others_next_ns = UINT64_MAX;
	for (size_t i = 0; i < trace->count; i++) {
		struct input *input = &trace->inputs[i];

		if (!input->waiting)
			continue;
		if (!earliest || input->next.unix_ns < earliest->next.unix_ns) {
			if (earliest)
				trace->others_next_ns = earliest->next.unix_ns;
			earliest = input;
		} else if (input->next.unix_ns < trace->others_next_ns) {
			trace->others_next_ns = input->next.unix_ns;
		}
	}
	return earliest;
}

enum trace_status trace_next(struct trace *trace, struct trace_event *ret_event)
{
	struct input *input = trace->current;

	/* The reader owns the event that was returned last, so it is advanced only here. */
	if (input && read_ahead(trace, input) != TRACE_OK)
		return TRACE_FAILED;
	if (!input || !input->waiting || input->next.unix_ns > trace->others_next_ns)
		input = find_earliest(trace);
	trace->current = input;
	if (!input)
		return TRACE_END;
	*ret_event = input->next;
	return TRACE_OK;
}

const struct trace_file *trace_file(const struct trace *trace, size_t number)
{
	return number < trace->count ? &trace->inputs[number].file : NULL;
}

struct time_range trace_span(const struct trace *trace)
{
	struct time_range span = {.first_ns = UINT64_MAX};

	for (size_t i = 0; i < trace->count; i++) {
		const struct dz_reader *reader = trace->inputs[i].file.reader;
		uint64_t first;
		uint64_t last;

		if (!reader)
			continue;
		dz_reader_span(reader, &first, &last);
		first = dz_reader_header(reader)->realtime_ns;
		last = last == 0 ? first : dz_reader_realtime_ns(reader, last);
		if (first < span.first_ns)
			span.first_ns = first;
		if (last > span.last_ns)
			span.last_ns = last;
	}
	if (span.first_ns == UINT64_MAX)
		span.first_ns = 0;
	if (span.last_ns < span.first_ns)
		span.last_ns = span.first_ns;
	return span;
}

static const struct {
	const char *what;
	const char *advice;
	bool failure;
} load_problems[] = {
	[DZ_TRUNCATED] = {"truncated in its header, no part is readable", NULL, false},
	[DZ_CORRUPT] = {"header damaged, no part is readable", NULL, false},
	[DZ_UNSUPPORTED] = {"needs a newer version of this program", NULL, true},
	[DZ_FOREIGN] = {"not a .dz file", "name a file written by diag-record", true},
	[DZ_LIMIT] = {"needs more memory than is allowed", NULL, true},
	[DZ_IO] = {"cannot read", NULL, true},
	[DZ_NO_MEMORY] = {"out of memory", NULL, true},
};

static bool add_problem(struct trace *trace, const struct input_problem *problem)
{
	struct input_problem *grown =
		array_grow(trace->problems, &trace->problem_capacity, trace->problem_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return false;
	trace->problems = grown;
	grown[trace->problem_count++] = *problem;
	return true;
}

static bool add_failure(struct trace *trace, const struct input *input, enum dz_status status,
			int error_number)
{
	const struct input_problem problem = {
		.path = input->file.path,
		.what = load_problems[status].what,
		.advice = load_problems[status].advice,
		.error_number = status == DZ_IO ? error_number : 0,
		.failure = load_problems[status].failure,
	};

	return add_problem(trace, &problem);
}

static bool add_damage(struct trace *trace, const struct input *input)
{
	size_t count;
	const struct dz_damage *damage = dz_reader_damage(own_reader(input), &count);

	for (size_t i = 0; i < count; i++) {
		const struct input_problem problem = {
			.path = input->file.path,
			.what = damage[i].what,
			.offset = damage[i].offset,
			.size_bytes = damage[i].size_bytes,
		};

		if (!add_problem(trace, &problem))
			return false;
	}
	return true;
}

static bool add_unclosed(struct trace *trace, const struct input *input)
{
	const struct input_problem problem = {
		.path = input->file.path,
		.what = "not closed: the recording was interrupted, or is still running",
	};

	return dz_reader_closed(own_reader(input)) || add_problem(trace, &problem);
}

bool trace_collect_problems(struct trace *trace)
{
	trace->problem_count = 0;
	for (size_t i = 0; i < trace->count; i++) {
		const struct input *input = &trace->inputs[i];
		bool ok;

		if (!input->file.reader)
			ok = add_failure(trace, input, input->load_status, input->error_number);
		else
			ok = add_damage(trace, input) && add_unclosed(trace, input);
		if (!ok)
			return false;
	}
	if (trace->failed)
		return add_failure(trace, trace->failed, trace->failure, trace->failure_number);
	return true;
}

const struct input_problem *trace_problem(const struct trace *trace, size_t number)
{
	return number < trace->problem_count ? &trace->problems[number] : NULL;
}

bool trace_has_failed(const struct trace *trace)
{
	return trace->failed != NULL;
}

struct trace_text trace_text(const struct trace_file *file, uint64_t id)
{
	struct dz_bytes bytes = dz_reader_string(file->reader, id);

	/* Never NULL, so that callers can compare and print it without a check. */
	return (struct trace_text){bytes.data ? (const char *)bytes.data : "", bytes.size};
}

uint64_t trace_process_comm(const struct dz_task *task)
{
	return task->process_comm ? task->process_comm : task->comm;
}

int trace_text_compare(struct trace_text left, struct trace_text right)
{
	size_t size = left.size < right.size ? left.size : right.size;
	/* The same address is the same string of a file. An empty text can have no address. */
	bool is_same = size == 0 || left.bytes == right.bytes;
	int order = is_same ? 0 : memcmp(left.bytes, right.bytes, size);

	return order ? order : (left.size > right.size) - (left.size < right.size);
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->count; i++) {
		struct input *input = &trace->inputs[i];

		dz_reader_close(input->file.reader);
		dz_reader_close(input->damaged);
		if (input->damaged)
			close(input->copy_fd);
		close(input->fd);
	}
	free(trace->inputs);
	free(trace->problems);
	free(trace);
}

uint32_t trace_call_machine(const struct trace_file *file, uint64_t compat)
{
	uint32_t machine = dz_reader_header(file->reader)->arch;

	return compat != 0 && machine == EM_X86_64 ? EM_386 : machine;
}
