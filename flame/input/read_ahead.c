/* flame/input/read_ahead.c - reads an input on a second thread, ahead of the first
 *
 * The second thread copies stacks to batches. It hands a batch over when it is full, and gets it
 * back when its stacks were taken. A stack that is larger than a batch is not copied: the second
 * thread waits until it was taken.
 *
 * It also finds the names: of a frame that it knows, a batch has the number only. Only the second
 * thread uses the table of spellings. The spellings themselves neither move nor change, and neither
 * do known frames, so the first thread can read those of a batch.
 */
#include "flame/input/read_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flame/tree/spelling_table.h"

/* Fits into the second-level cache of each of two CPUs. */
#define BATCH_BYTES  ((size_t)256 << 10)
#define BATCH_FRAMES ((size_t)16384)
#define BATCH_STACKS ((size_t)512)
#define BATCH_COUNT  4u
/* After so many bytes of input, a batch is handed over even if it has room: lines without stacks
 * must not delay a failure. */
#define BYTES_BEFORE_HAND_OVER ((size_t)1 << 20)

/* Further names, and longer ones, get no number and are copied with each stack. */
#define NUMBERS_MAX        65536u
#define NUMBERED_BYTES_MAX ((size_t)4 << 20)
#define NUMBERED_NAME_MAX  1024u

/* A stack, and what the report said when it was read. */
struct copied_stack {
	struct stack stack;      /* with numbers, its frames are those without one */
	const uint32_t *numbers; /* of all frames, 0: none; NULL: the stack is not copied */
	struct stack_origin origin;
	uint64_t line;
	uint64_t bad_lines;
	uint64_t skipped_lines; /* too long, and not among bad_lines yet */
	uint64_t ignored_lines;
};

struct batch {
	size_t bytes;
	size_t frame_count;
	size_t number_count;
	size_t stack_count;
	struct copied_stack stacks[BATCH_STACKS];
	uint32_t numbers[BATCH_FRAMES];
	struct frame frames[BATCH_FRAMES]; /* those without a number */
	char text[BATCH_BYTES];
};

/* An input to read, or a function to call. */
struct job {
	void (*enter)(void);
	struct line_reader *lines;
	const struct input_options *options;
	struct input_report *report;
};

struct read_ahead {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job job;
	struct line_source source;       /* of the lines, for the second thread */
	size_t bytes_read;               /* of it, since the last batch was handed over */
	struct spelling_table spellings; /* of the second thread; their ids are the numbers */
	uint32_t scratch[BATCH_FRAMES];
	size_t text_bytes; /* of the current stack, without the names that have a number */
	bool has_job;
	bool is_ending;
	enum flame_status read_status; /* of the input, when there is no job */
	int read_errno;
	_Atomic enum flame_status sink_status; /* not FLAME_OK: the second thread stops */
	unsigned filled;                       /* batches that were handed over, from the start */
	unsigned taken;                        /* of them, those that were given back */
	struct frame known[NUMBERS_MAX + 1];   /* by number */
	struct frame frames[BATCH_FRAMES];     /* of the stack that the first thread passes on */
	struct batch batches[BATCH_COUNT];
};

static void lock(struct read_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
}

static void unlock(struct read_ahead *ahead)
{
	pthread_mutex_unlock(&ahead->lock);
}

/* Wakes the other thread. */
static void unlock_changed(struct read_ahead *ahead)
{
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

static void wait_for_change(struct read_ahead *ahead)
{
	pthread_cond_wait(&ahead->changed, &ahead->lock);
}

static struct batch *current(struct read_ahead *ahead)
{
	return &ahead->batches[ahead->filled % BATCH_COUNT];
}

static void empty(struct batch *batch)
{
	batch->bytes = 0;
	batch->frame_count = 0;
	batch->number_count = 0;
	batch->stack_count = 0;
}

/* Hands the current batch over, and waits until the first thread has no more than `left` of them.
 * Returns the status of the sink. */
static enum flame_status hand_over(struct read_ahead *ahead, unsigned left)
{
	lock(ahead);
	ahead->filled++;
	pthread_cond_broadcast(&ahead->changed);
	while (ahead->filled - ahead->taken > left)
		wait_for_change(ahead);
	unlock(ahead);
	empty(current(ahead));
	ahead->bytes_read = 0;
	return ahead->sink_status;
}

static bool has_room(const struct batch *batch, const struct stack *stack, size_t text_bytes)
{
	return batch->stack_count < BATCH_STACKS && text_bytes <= BATCH_BYTES - batch->bytes &&
	       stack->count <= BATCH_FRAMES - batch->number_count;
}

static const char *copy_text(struct batch *batch, const char *text, size_t size)
{
	char *copy = batch->text + batch->bytes;

	if (size > 0)
		memcpy(copy, text, size);
	batch->bytes += size;
	return copy;
}

/* Adds the stack, whose frames and texts stay where they are. */
static struct copied_stack *add_stack(struct read_ahead *ahead, const struct stack *stack)
{
	struct batch *batch = current(ahead);
	struct copied_stack *copy = &batch->stacks[batch->stack_count++];

	copy->stack = *stack;
	copy->numbers = NULL;
	copy->line = ahead->job.lines->number;
	copy->bad_lines = ahead->job.report->bad_lines;
	copy->skipped_lines = ahead->job.lines->skipped;
	copy->ignored_lines = ahead->job.report->ignored_lines;
	if (!stack->origin)
		return copy;
	copy->origin = *stack->origin;
	copy->stack.origin = &copy->origin;
	return copy;
}

/* Sets the numbers of a stack that was added, and copies the frames without one. */
static void copy_content(struct read_ahead *ahead, struct copied_stack *copy)
{
	struct batch *batch = current(ahead);
	const struct frame *frames = copy->stack.frames;
	uint32_t *numbers = batch->numbers + batch->number_count;

	copy->numbers = numbers;
	copy->stack.frames = batch->frames + batch->frame_count;
	for (size_t i = 0; i < copy->stack.count; i++) {
		const struct spelling *spelling = ahead->spellings.found[i];
		struct frame *frame;

		numbers[i] = spelling ? spelling->id : 0;
		if (spelling)
			continue;
		frame = &batch->frames[batch->frame_count++];
		*frame = frames[i];
		frame->name = copy_text(batch, frames[i].name, frames[i].size);
	}
	batch->number_count += copy->stack.count;
	if (copy->stack.origin)
		copy->origin.comm = copy_text(batch, copy->origin.comm, copy->origin.comm_size);
}

/* Gives the frame the next number. The first one is 1. */
static enum flame_status number_frame(struct read_ahead *ahead, const struct frame *frame,
				      const struct spelling **ret_spelling)
{
	uint32_t number = ahead->spellings.count + 1;
	enum flame_status status =
		spelling_table_add(&ahead->spellings, frame, number, ret_spelling);

	if (status == FLAME_OK)
		ahead->known[number] = (struct frame){
			.name = (*ret_spelling)->text,
			.size = frame->size,
			.type = frame->type,
			.number = number,
		};
	return status;
}

/* For struct spelling_adder. */
static enum flame_status add_number(void *context, const struct frame *frame,
				    const struct spelling **ret_spelling)
{
	struct read_ahead *ahead = context;
	const struct spelling_table *spellings = &ahead->spellings;

	if (spellings->count < NUMBERS_MAX && spellings->bytes < NUMBERED_BYTES_MAX &&
	    frame->size <= NUMBERED_NAME_MAX)
		return number_frame(ahead, frame, ret_spelling);
	ahead->text_bytes += frame->size;
	return FLAME_OK;
}

/* Finds the names of the stack, and counts what must be copied. */
static enum flame_status find_names(struct read_ahead *ahead, const struct stack *stack)
{
	const struct spelling_adder adder = {.context = ahead, .add = add_number};

	ahead->text_bytes = stack->origin ? stack->origin->comm_size : 0;
	return spelling_table_find_all(&ahead->spellings, stack->frames, stack->count,
				       ahead->scratch, &adder);
}

/* Passes a stack that no batch has room for. */
static enum flame_status put_large(struct read_ahead *ahead, const struct stack *stack)
{
	enum flame_status status = FLAME_OK;

	if (current(ahead)->stack_count == BATCH_STACKS)
		status = hand_over(ahead, BATCH_COUNT - 1);
	if (status != FLAME_OK)
		return status;
	add_stack(ahead, stack);
	return hand_over(ahead, 0);
}

/* The sink of the second thread. */
static enum flame_status put(void *context, const struct stack *stack)
{
	struct read_ahead *ahead = context;
	enum flame_status status;

	if (stack->count > BATCH_FRAMES)
		return put_large(ahead, stack);
	status = find_names(ahead, stack);
	if (status == FLAME_OK && ahead->text_bytes > BATCH_BYTES)
		return put_large(ahead, stack);
	if (status == FLAME_OK && !has_room(current(ahead), stack, ahead->text_bytes))
		status = hand_over(ahead, BATCH_COUNT - 1);
	if (status == FLAME_OK)
		copy_content(ahead, add_stack(ahead, stack));
	return status;
}

/* The source of the second thread: ends the input after a failure of the sink. */
static ssize_t read_source(void *context, void *bytes, size_t size)
{
	struct read_ahead *ahead = context;
	ssize_t got;

	if (ahead->bytes_read >= BYTES_BEFORE_HAND_OVER && current(ahead)->stack_count > 0)
		hand_over(ahead, BATCH_COUNT - 1);
	if (ahead->sink_status != FLAME_OK)
		return 0;
	if (ahead->source.read)
		got = ahead->source.read(ahead->source.context, bytes, size);
	else
		got = read(ahead->job.lines->fd, bytes, size);
	ahead->bytes_read += got > 0 ? (size_t)got : 0;
	return got;
}

static enum flame_status read_input(struct read_ahead *ahead)
{
	const struct line_source source = {.read = read_source, .context = ahead};
	const struct stack_sink sink = {.context = ahead, .stack = put};
	const struct job *job = &ahead->job;
	enum flame_status status;

	ahead->source = job->lines->source;
	ahead->bytes_read = 0;
	empty(current(ahead));
	line_reader_set_source(job->lines, &source);
	status = input_read(job->lines, job->options, &sink, job->report);
	ahead->read_errno = errno;
	line_reader_set_source(job->lines, &ahead->source);
	if (current(ahead)->stack_count > 0)
		hand_over(ahead, BATCH_COUNT - 1);
	return status;
}

static enum flame_status do_job(struct read_ahead *ahead)
{
	if (!ahead->job.enter)
		return read_input(ahead);
	ahead->job.enter();
	return FLAME_OK;
}

static void *run(void *context)
{
	struct read_ahead *ahead = context;

	lock(ahead);
	while (!ahead->is_ending) {
		if (ahead->has_job) {
			enum flame_status status;

			unlock(ahead);
			status = do_job(ahead);
			lock(ahead);
			ahead->read_status = status;
			ahead->has_job = false;
			pthread_cond_broadcast(&ahead->changed);
		} else {
			wait_for_change(ahead);
		}
	}
	unlock(ahead);
	return NULL;
}

/* Returns NULL on allocation failure. */
static struct read_ahead *new_read_ahead(void)
{
	struct read_ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	if (spelling_table_open(&ahead->spellings) != FLAME_OK) {
		free(ahead);
		return NULL;
	}
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	return ahead;
}

static void free_read_ahead(struct read_ahead *ahead)
{
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	spelling_table_close(&ahead->spellings);
	free(ahead);
}

struct read_ahead *read_ahead_start(void)
{
	struct read_ahead *ahead = new_read_ahead();
	sigset_t all;
	sigset_t before;
	bool started;

	if (!ahead)
		return NULL;
	/* Signals are for the first thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&ahead->thread, NULL, run, ahead) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started)
		return ahead;
	free_read_ahead(ahead);
	return NULL;
}

static void give_job(struct read_ahead *ahead, const struct job *job)
{
	lock(ahead);
	ahead->job = *job;
	ahead->has_job = true;
	ahead->sink_status = FLAME_OK;
	unlock_changed(ahead);
}

/* Returns the next batch, or NULL when there is no job and all its batches were taken. */
static struct batch *next_batch(struct read_ahead *ahead)
{
	struct batch *batch = NULL;

	lock(ahead);
	while (ahead->has_job && ahead->taken == ahead->filled)
		wait_for_change(ahead);
	if (ahead->taken != ahead->filled)
		batch = &ahead->batches[ahead->taken % BATCH_COUNT];
	unlock(ahead);
	return batch;
}

static void give_back(struct read_ahead *ahead, enum flame_status status)
{
	lock(ahead);
	ahead->taken++;
	ahead->sink_status = status;
	unlock_changed(ahead);
}

void read_ahead_enter(struct read_ahead *ahead, void (*enter)(void))
{
	give_job(ahead, &(struct job){.enter = enter});
	next_batch(ahead);
}

/* Puts the frames of a copied stack together. */
static void build_frames(struct read_ahead *ahead, const struct copied_stack *copy)
{
	const struct frame *unnumbered = copy->stack.frames;

	for (size_t i = 0; i < copy->stack.count; i++) {
		uint32_t number = copy->numbers[i];

		ahead->frames[i] = number ? ahead->known[number] : *unnumbered++;
	}
}

static enum flame_status pass_stack(struct read_ahead *ahead, const struct copied_stack *copy,
				    const struct stack_sink *sink)
{
	struct stack stack = copy->stack;

	if (copy->numbers) {
		build_frames(ahead, copy);
		stack.frames = ahead->frames;
	}
	return sink->stack(sink->context, &stack);
}

/* Passes the stacks of the batch on. Sets *ret_failed to the one that the sink refuses. */
static enum flame_status pass_on(struct read_ahead *ahead, const struct batch *batch,
				 const struct stack_sink *sink, struct copied_stack *ret_failed)
{
	for (size_t i = 0; i < batch->stack_count; i++) {
		enum flame_status status = pass_stack(ahead, &batch->stacks[i], sink);

		if (status != FLAME_OK) {
			*ret_failed = batch->stacks[i];
			return status;
		}
	}
	return FLAME_OK;
}

/* Makes the report as if the other thread had not read further than this stack. */
static void take_back(struct input_report *report, const struct copied_stack *failed)
{
	for (uint64_t i = failed->bad_lines; i < INPUT_COMPLAINTS_MAX; i++)
		report->complaints[i] = (struct input_complaint){0};
	report->lines = failed->line;
	report->bad_lines = failed->bad_lines + failed->skipped_lines;
	report->ignored_lines = failed->ignored_lines;
}

enum flame_status read_ahead_input(struct read_ahead *ahead, struct line_reader *lines,
				   const struct input_options *options,
				   const struct stack_sink *sink, struct input_report *report)
{
	enum flame_status status = FLAME_OK;
	struct copied_stack failed = {0};
	struct batch *batch;

	give_job(ahead, &(struct job){.lines = lines, .options = options, .report = report});
	while ((batch = next_batch(ahead))) {
		if (status == FLAME_OK)
			status = pass_on(ahead, batch, sink, &failed);
		give_back(ahead, status);
	}
	if (status == FLAME_OK) {
		errno = ahead->read_errno;
		return ahead->read_status;
	}
	take_back(report, &failed);
	return status;
}

void read_ahead_end(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	lock(ahead);
	ahead->is_ending = true;
	unlock_changed(ahead);
	pthread_join(ahead->thread, NULL);
	free_read_ahead(ahead);
}
