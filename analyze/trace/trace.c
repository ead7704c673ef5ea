/* analyze/trace/trace.c - one or more .dz files as one sequence of events in time order */
#include "analyze/trace/trace.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/trace/duplicates.h"
#include "base/array.h"

struct input {
	struct trace_file file;
	struct trace *trace;
	int fd;                    /* -1: closed */
	struct input *less_recent; /* among the files that the opener opened */
	struct input *more_recent;
	struct dz_source source;
	struct dz_reader *damaged; /* of the file itself, if its copy is read instead; NULL: none */
	struct dz_source copy;
	int copy_fd;
	enum dz_status load_status; /* not DZ_OK: why file.reader is NULL */
	int error_number;           /* errno, if load_status is DZ_IO */
	bool waiting;               /* `next` holds an event that trace_next() has not returned */
	bool is_begun;              /* its first event was read */
	uint64_t begin_ns;          /* Unix: no event is earlier */
	bool overlaps;              /* another file of the boot has events of the same time */
	struct trace_event next;
};

/*
 * trace_next() merges the files with a heap. Its first input has the earliest time: that of its
 * next event, or that at which the file begins, if it was not read yet. A file is begun when it
 * comes to the top, so that only files that overlap in time are in memory together. A trace of many
 * files frees what a file needed when its last event was returned.
 */
struct trace {
	struct input *inputs;
	size_t count;
	size_t capacity;
	struct input **heap; /* the inputs that have events left; NULL before the first pass */
	size_t heap_count;
	struct input *current;            /* heap[0], if its event was returned last; NULL: none */
	uint64_t kinds;                   /* of the pass */
	struct time_range range;          /* of the pass */
	const struct dz_row_filter *rows; /* of the pass */
	trace_opener *opener;
	void *opener_context;
	struct input *most_recent; /* of the files that the opener opened */
	struct input *least_recent;
	size_t open_count;             /* of these files */
	struct duplicates *duplicates; /* NULL: no files overlap */
	uint64_t duplicate_count;      /* since the last trace_rewind() */
	uint64_t duplicates_told;      /* the most of any pass */
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
		if (fd >= 0)
			close(fd);
		return false;
	}
	trace->inputs = grown;
	grown[trace->count] = (struct input){.file = {.path = path}, .fd = fd};
	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0)
		grown[trace->count].file.size_bytes = (uint64_t)status.st_size;
	trace->count++;
	return true;
}

static uint64_t info_number(const struct dz_reader *reader, const char *key)
{
	struct dz_bytes value = dz_reader_info(reader, key);
	char text[24] = "";

	if (value.size < sizeof(text))
		memcpy(text, value.data ? value.data : (const uint8_t *)"", value.size);
	return strtoull(text, NULL, 10);
}

void trace_file_describe(struct trace_file *file)
{
	file->command_pid = info_number(file->reader, "command.pid");
	file->command_start_ns = info_number(file->reader, "command.start_ns");
}

bool trace_is_command(const struct trace_file *file, const struct dz_task *task)
{
	return task && file->command_pid != 0 && task->pid == file->command_pid &&
	       task->process_start < file->command_start_ns;
}

uint64_t trace_program_start(const struct trace_file *file, const struct dz_task *task)
{
	const bool starts_late = task->process_start != 0 && trace_is_command(file, task);

	return starts_late ? file->command_start_ns : task->process_start;
}

void trace_set_opener(struct trace *trace, trace_opener *opener, void *context)
{
	trace->opener = opener;
	trace->opener_context = context;
}

static void unlink_recent(struct trace *trace, struct input *input)
{
	*(input->less_recent ? &input->less_recent->more_recent : &trace->least_recent) =
		input->more_recent;
	*(input->more_recent ? &input->more_recent->less_recent : &trace->most_recent) =
		input->less_recent;
}

static void link_recent(struct trace *trace, struct input *input)
{
	input->less_recent = trace->most_recent;
	input->more_recent = NULL;
	*(trace->most_recent ? &trace->most_recent->more_recent : &trace->least_recent) = input;
	trace->most_recent = input;
}

static void close_opened(struct trace *trace, struct input *input)
{
	unlink_recent(trace, input);
	close(input->fd);
	input->fd = -1;
	trace->open_count--;
}

/* Opens the file if it is closed. The file that was used least recently is closed for it. */
static bool use(struct input *input)
{
	struct trace *trace = input->trace;

	if (input->fd >= 0) {
		if (trace->most_recent != input) {
			unlink_recent(trace, input);
			link_recent(trace, input);
		}
		return true;
	}
	if (trace->open_count == TRACE_OPEN_MAX)
		close_opened(trace, trace->least_recent);
	input->fd = trace->opener(trace->opener_context, (size_t)(input - trace->inputs));
	if (input->fd < 0)
		return false;
	link_recent(trace, input);
	trace->open_count++;
	return true;
}

static enum dz_status read_opened(void *context, uint64_t offset, void *out, size_t size)
{
	struct input *input = context;
	struct dz_source source;

	if (!use(input))
		return DZ_IO;
	if (dz_source_file(input->fd, &source) != DZ_OK)
		return DZ_IO;
	if (source.size_bytes != input->source.size_bytes)
		return DZ_CORRUPT;
	return source.read_at(source.context, offset, out, size);
}

/* A source that opens the file again when it is needed. */
static enum dz_status make_source(struct input *input)
{
	enum dz_status status;

	if (input->fd >= 0)
		return dz_source_file(input->fd, &input->source);
	if (!use(input))
		return DZ_IO;
	status = dz_source_file(input->fd, &input->source);
	input->file.size_bytes = input->source.size_bytes;
	input->source.context = input;
	input->source.read_at = read_opened;
	return status;
}

static bool has_many(const struct trace *trace)
{
	return trace->count > TRACE_OPEN_MAX;
}

static enum dz_status load(struct trace *trace, struct input *input)
{
	const struct dz_reader_options options = {.frugal = has_many(trace)};
	enum dz_status status;

	input->trace = trace;
	status = make_source(input);
	if (status == DZ_OK)
		status = dz_reader_open(&input->source, &options, &input->file.reader);
	if (status == DZ_OK)
		trace_file_describe(&input->file);
	return status;
}

uint64_t trace_size_bytes(const struct trace *trace)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < trace->count; i++)
		sum += trace->inputs[i].file.size_bytes;
	return sum;
}

/* A readable file, and what relates it to others. */
struct relative {
	struct input *input;
	const uint8_t *boot_id;
	struct dz_bytes command; /* the reader keeps it */
	uint64_t number;         /* in its recording, from 1; 0: unknown */
	uint64_t first_ns;
	uint64_t last_ns;
	uint32_t place; /* among the inputs */
};

static uint64_t number_of(const struct dz_reader *reader)
{
	struct dz_bytes text = dz_reader_info(reader, "recorder.file_number");
	uint64_t number = 0;

	for (size_t i = 0; i < text.size && i < 18; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
		number = number * 10 + (text.data[i] - '0');
	}
	return number;
}

static struct relative relative_of(struct trace *trace, size_t place)
{
	struct input *input = &trace->inputs[place];
	const struct dz_reader *reader = input->file.reader;
	struct relative relative = {
		.input = input,
		.boot_id = dz_reader_header(reader)->boot_id,
		.command = dz_reader_info(reader, "recorder.command"),
		.number = number_of(reader),
		.place = (uint32_t)place,
	};

	dz_reader_span(reader, &relative.first_ns, &relative.last_ns);
	return relative;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static int compare_boots(const void *left, const void *right)
{
	const struct relative *a = left, *b = right;
	int order = memcmp(a->boot_id, b->boot_id, 16);

	order = order ? order : compare_numbers(a->first_ns, b->first_ns);
	return order ? order : compare_numbers(a->place, b->place);
}

static int compare_recordings(const void *left, const void *right)
{
	const struct relative *a = left, *b = right;
	int order = compare_numbers(a->input->file.boot, b->input->file.boot);

	if (order == 0)
		order = trace_text_compare(
			(struct trace_text){(const char *)a->command.data, a->command.size},
			(struct trace_text){(const char *)b->command.data, b->command.size});
	order = order ? order : compare_numbers(a->first_ns, b->first_ns);
	return order ? order : compare_numbers(a->number, b->number);
}

/* Files of one boot with the same boot id have the same number. They overlap if one begins before
 * an earlier one ends. */
static void relate_boots(struct relative *relatives, size_t count)
{
	struct relative *longest = NULL; /* that ends last */

	qsort(relatives, count, sizeof(*relatives), compare_boots);
	for (size_t i = 0; i < count; i++) {
		struct relative *file = &relatives[i];

		if (i == 0 || memcmp(file->boot_id, file[-1].boot_id, 16) != 0) {
			file->input->file.boot = file->place;
			longest = file;
			continue;
		}
		file->input->file.boot = file[-1].input->file.boot;
		if (file->first_ns <= longest->last_ns)
			file->input->overlaps = longest->input->overlaps = true;
		if (file->last_ns > longest->last_ns)
			longest = file;
	}
}

static bool has_same_command(const struct relative *left, const struct relative *right)
{
	return left->command.size == right->command.size &&
	       (left->command.size == 0 ||
		memcmp(left->command.data, right->command.data, left->command.size) == 0);
}

/* A file is of the same recording as the file before it with the same command, unless its number
 * says that it is the first one, or not later than that file. */
static void relate_recordings(struct relative *relatives, size_t count)
{
	qsort(relatives, count, sizeof(*relatives), compare_recordings);
	for (size_t i = 0; i < count; i++) {
		struct relative *file = &relatives[i];
		bool continues = i > 0 && file->number > 1 && file->number >= file[-1].number &&
				 file->input->file.boot == file[-1].input->file.boot &&
				 has_same_command(file, file - 1);

		/* A copy of a file. */
		continues |= i > 0 &&
			     memcmp(dz_reader_header(file->input->file.reader)->uuid,
				    dz_reader_header(file[-1].input->file.reader)->uuid, 16) == 0;
		file->input->file.recording =
			continues ? file[-1].input->file.recording : file->place;
	}
}

/* Finds out which files are of one boot and of one recording. Returns false on allocation failure.
 */
static bool relate(struct trace *trace, struct relative *relatives, size_t count)
{
	bool overlap = false;

	relate_boots(relatives, count);
	relate_recordings(relatives, count);
	for (size_t i = 0; i < trace->count; i++)
		overlap |= trace->inputs[i].overlaps;
	if (overlap)
		trace->duplicates = duplicates_new();
	return !overlap || trace->duplicates;
}

bool trace_load(struct trace *trace)
{
	struct relative *relatives = calloc(trace->count + 1, sizeof(*relatives));
	size_t count = 0;
	bool ok = relatives != NULL;

	for (size_t i = 0; ok && i < trace->count; i++) {
		struct input *input = &trace->inputs[i];

		input->load_status = load(trace, input);
		input->error_number = errno;
		ok = input->load_status != DZ_NO_MEMORY;
		if (!input->file.reader)
			continue;
		relatives[count++] = relative_of(trace, i);
		if (has_many(trace))
			dz_reader_rest(input->file.reader);
	}
	ok = ok && relate(trace, relatives, count);
	free(relatives);
	return ok;
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

static uint64_t time_of(const struct input *input)
{
	return input->is_begun ? input->next.unix_ns : input->begin_ns;
}

/* At equal times, the file that was named first comes first. */
static bool comes_before(const struct input *left, const struct input *right)
{
	if (time_of(left) != time_of(right))
		return time_of(left) < time_of(right);
	return left < right;
}

static void sift_down(struct trace *trace, size_t at)
{
	struct input *moved = trace->heap[at];
	size_t child;

	while ((child = 2 * at + 1) < trace->heap_count) {
		if (child + 1 < trace->heap_count &&
		    comes_before(trace->heap[child + 1], trace->heap[child]))
			child++;
		if (!comes_before(trace->heap[child], moved))
			break;
		trace->heap[at] = trace->heap[child];
		at = child;
	}
	trace->heap[at] = moved;
}

/* Returns when the records of a file begin. Some, such as info, can be earlier than its first
 * event. */
static uint64_t find_begin(const struct dz_reader *reader)
{
	size_t count;
	const struct dz_block_info *blocks = dz_reader_blocks(reader, &count);
	uint64_t first_ns = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (blocks[i].kind >= DZ_KIND_CLOCK && blocks[i].kind != DZ_KIND_INDEX &&
		    blocks[i].first < first_ns)
			first_ns = blocks[i].first;
	return dz_reader_realtime_ns(reader, first_ns == UINT64_MAX ? 0 : first_ns);
}

bool trace_has_before(const struct trace *trace, uint32_t kind, uint64_t unix_ns)
{
	for (size_t i = 0; i < trace->count; i++) {
		const struct dz_reader *reader = trace->inputs[i].file.reader;
		size_t count = 0;
		const struct dz_block_info *blocks =
			reader ? dz_reader_blocks(reader, &count) : NULL;

		for (size_t j = 0; j < count; j++)
			if (blocks[j].kind == kind &&
			    dz_reader_realtime_ns(reader, blocks[j].first) < unix_ns)
				return true;
	}
	return false;
}

enum trace_status trace_rewind(struct trace *trace, uint64_t kinds, const struct time_range *range,
			       const struct dz_row_filter *rows)
{
	trace->kinds = kinds;
	/* Rows that two files hold are counted, so all are read. */
	trace->rows = trace->duplicates ? NULL : rows;
	trace->range = range ? *range : (struct time_range){0, UINT64_MAX};
	trace->current = NULL;
	trace->duplicate_count = 0;
	if (trace->duplicates)
		duplicates_clear(trace->duplicates);
	if (!trace->heap)
		trace->heap = calloc(trace->count + 1, sizeof(struct input *));
	if (!trace->heap)
		return fail(trace, trace->inputs, DZ_NO_MEMORY);
	trace->heap_count = 0;
	for (size_t i = 0; i < trace->count; i++) {
		struct input *input = &trace->inputs[i];

		input->is_begun = false;
		if (!input->file.reader)
			continue;
		input->begin_ns = find_begin(input->file.reader);
		trace->heap[trace->heap_count++] = input;
	}
	for (size_t i = trace->heap_count / 2; i-- > 0;)
		sift_down(trace, i);
	return TRACE_OK;
}

static enum dz_status begin(const struct trace *trace, const struct input *input)
{
	const struct time_range *range = &trace->range;
	struct dz_reader_options options = {.kinds = trace->kinds, .rows = trace->rows};
	uint64_t ignored;

	if (range->first_ns > 0)
		dz_reader_boottimes(input->file.reader, range->first_ns, &options.since_ns,
				    &ignored);
	if (range->last_ns < UINT64_MAX) {
		dz_reader_boottimes(input->file.reader, range->last_ns, &ignored,
				    &options.until_ns);
		/* 0 is no limit. The filter skips what is too late. */
		options.until_ns += options.until_ns < UINT64_MAX;
	}
	return dz_reader_rewind(input->file.reader, &options);
}

/* Moves the first input of the heap to its next event, and to its place. */
static enum trace_status advance(struct trace *trace)
{
	struct input *input = trace->heap[0];
	enum dz_status status = DZ_OK;

	if (!input->is_begun)
		status = begin(trace, input);
	if (status != DZ_OK)
		return fail(trace, input, status);
	input->is_begun = true;
	if (read_ahead(trace, input) != TRACE_OK)
		return TRACE_FAILED;
	if (!input->waiting) {
		trace->heap[0] = trace->heap[--trace->heap_count];
		if (has_many(trace))
			dz_reader_rest(input->file.reader);
	}
	if (trace->heap_count > 0)
		sift_down(trace, 0);
	return TRACE_OK;
}

/* Returns the next event, which another file may have shown already. The reader owns an event that
 * was returned, so its file is advanced only now. */
static enum trace_status next_of_all(struct trace *trace, struct trace_event *ret_event)
{
	if (trace->current && advance(trace) != TRACE_OK)
		return TRACE_FAILED;
	trace->current = NULL;
	while (trace->heap_count > 0 && !trace->heap[0]->is_begun)
		if (advance(trace) != TRACE_OK)
			return TRACE_FAILED;
	if (trace->heap_count == 0)
		return TRACE_END;
	trace->current = trace->heap[0];
	*ret_event = trace->current->next;
	return TRACE_OK;
}

/* Records about the file itself are in each file. */
static bool can_be_duplicate(const struct trace *trace, const struct trace_event *event)
{
	return trace->current->overlaps &&
	       (event->event.kind >= DZ_KIND_FIRST_EVENT || event->event.kind == DZ_KIND_LOST);
}

static enum trace_status note(struct trace *trace, const struct trace_event *event,
			      bool *ret_duplicate)
{
	const struct duplicates_event noted = {
		.reader = event->file->reader,
		.event = &event->event,
		.unix_ns = event->unix_ns,
		.file = (uint32_t)(trace->current - trace->inputs),
		.boot = event->file->boot,
	};

	if (!duplicates_note(trace->duplicates, &noted, ret_duplicate))
		return fail(trace, trace->current, DZ_NO_MEMORY);
	if (*ret_duplicate && ++trace->duplicate_count > trace->duplicates_told)
		trace->duplicates_told = trace->duplicate_count;
	return TRACE_OK;
}

enum trace_status trace_next(struct trace *trace, struct trace_event *ret_event)
{
	enum trace_status status;
	bool is_duplicate;

	do {
		status = next_of_all(trace, ret_event);
		is_duplicate = false;
		if (status == TRACE_OK && can_be_duplicate(trace, ret_event))
			status = note(trace, ret_event, &is_duplicate);
	} while (status == TRACE_OK && is_duplicate);
	return status;
}

uint64_t trace_duplicates(const struct trace *trace)
{
	return trace->duplicates_told;
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
			ok = !dz_reader_info_failed(input->file.reader) &&
			     add_damage(trace, input) && add_unclosed(trace, input);
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
		if (input->fd >= 0)
			close(input->fd);
	}
	free(trace->inputs);
	free(trace->heap);
	duplicates_free(trace->duplicates);
	free(trace->problems);
	free(trace);
}

uint32_t trace_call_machine(const struct trace_file *file, uint64_t compat)
{
	uint32_t machine = dz_reader_header(file->reader)->arch;

	if (compat != 0 && machine == EM_AARCH64)
		return EM_ARM;
	return compat != 0 && machine == EM_X86_64 ? EM_386 : machine;
}
