/* record/convert/command_lines.c - command lines of processes, from BPF programs or /proc */
#include "record/convert/command_lines.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/stacks/proc_stat.h"

/* Direct-mapped; an entry that was replaced is read again. A power of two. */
#define COMMAND_LINES_KEPT 4096u

/* Further ones are not read. */
#define REQUESTS_MAX 1024u

/* A process is asked so often: the helper process can be late on a busy machine. */
#define TRIES_MAX 3u

struct known_line {
	uint64_t process_start_ns; /* 0: unused */
	uint32_t pid;
	bool is_recorded; /* from a record, which has no name of the process */
	bool is_awaited;  /* the helper process reads it */
	bool is_late;     /* it did not, in time */
	uint8_t tries;
	char comm[EVENT_COMM_BYTES];
	char *text; /* NULL: none */
	/* Of a record: the process had this command line then, and the older one before. */
	uint64_t time_ns;
	char *older; /* NULL: none */
};

/* A command line that the thread of the reader reads. */
struct line_request {
	atomic_uint references; /* of the list and of the task */
	atomic_bool is_done;
	bool is_late;
	struct file_reader *reader;
	uint32_t pid;
	uint64_t process_start_ns;
	char *text; /* once it is done; NULL: none */
	struct line_request *next;
};

struct command_lines {
	const char *proc;
	struct file_reader *reader; /* borrowed; NULL: they are read here */
	struct line_request *first_request;
	struct line_request **last_request;
	uint64_t requested; /* count */
	uint64_t answered;  /* count of the oldest ones that are done */
	uint64_t unknown;   /* count of command_lines_find() before the answer */
	uint64_t time_ns;   /* of the event whose tasks are looked up */
	struct known_line known[COMMAND_LINES_KEPT];
};

struct command_lines *command_lines_new(const char *proc)
{
	struct command_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->proc = proc;
	lines->last_request = &lines->first_request;
	return lines;
}

void command_lines_use_reader(struct command_lines *lines, struct file_reader *reader)
{
	lines->reader = reader;
}

static struct known_line *place_of(struct command_lines *lines, uint32_t pid, uint64_t start_ns)
{
	uint64_t hash = (start_ns ^ pid) * 0x9e3779b97f4a7c15u;

	return &lines->known[(size_t)(hash >> 32) % COMMAND_LINES_KEPT];
}

/* Returns NULL if there are only spaces, or on allocation failure. */
static char *join(const uint8_t *arguments, size_t size, bool is_truncated)
{
	char text[COMMAND_LINE_TEXT_MAX];

	if (size > COMMAND_LINE_BYTES)
		size = COMMAND_LINE_BYTES;
	memcpy(text, arguments, size);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\0')
			text[i] = ' ';
	}
	while (size && text[size - 1] == ' ')
		size--;
	(void)snprintf(text + size, sizeof(text) - size, "%s", size && is_truncated ? " ..." : "");
	return size ? strdup(text) : NULL;
}

static bool is_of(const struct known_line *known, const struct event_command_line *event)
{
	return known->time_ns && known->process_start_ns == event->process_start_ns &&
	       known->pid == event->pid;
}

/* Empties the place, except for the command line that the same process had before. */
static char *keep_older(struct known_line *known, const struct event_command_line *event)
{
	char *older = NULL;

	free(known->older);
	if (is_of(known, event))
		older = known->text;
	else
		free(known->text);
	return older;
}

void command_lines_set_time(struct command_lines *lines, uint64_t time_ns)
{
	lines->time_ns = time_ns;
}

bool command_lines_learn(struct command_lines *lines, const void *record, size_t size)
{
	const struct event_command_line *event = record;
	const size_t fixed_bytes = sizeof(*event) - sizeof(event->text);
	struct known_line *known;
	char *older;

	if (size < fixed_bytes || size > sizeof(*event))
		return false;
	known = place_of(lines, event->pid, event->process_start_ns);
	if (is_of(known, event) && known->time_ns > event->header.time_ns) {
		free(known->older);
		known->older = join(event->text, size - fixed_bytes, event->is_truncated);
		return true;
	}
	older = keep_older(known, event);
	*known = (struct known_line){
		.process_start_ns = event->process_start_ns,
		.pid = event->pid,
		.is_recorded = true,
		.time_ns = event->header.time_ns,
		.older = older,
		.text = join(event->text, size - fixed_bytes, event->is_truncated),
	};
	return true;
}

static bool is_started_at(const struct proc_stat *stat, uint64_t start_ns)
{
	return stat->start_ns == proc_stat_round(start_ns);
}

/* An open directory stays that of one process, also if its number is reused. */
static char *read_line(const struct command_lines *lines, uint32_t pid, uint64_t start_ns)
{
	uint8_t arguments[COMMAND_LINE_BYTES + 1];
	char path[PATH_MAX];
	struct proc_stat stat;
	int directory, fd;
	ssize_t size = -1;

	if (!lines->proc)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%u", lines->proc, pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return NULL;
	fd = proc_stat_read(directory, &stat) && is_started_at(&stat, start_ns)
		     ? openat(directory, "cmdline", O_RDONLY | O_CLOEXEC)
		     : -1;
	if (fd >= 0) {
		size = read(fd, arguments, sizeof(arguments));
		(void)close(fd);
	}
	(void)close(directory);
	return size > 0 ? join(arguments, (size_t)size, size > COMMAND_LINE_BYTES) : NULL;
}

static void request_release(struct line_request *request)
{
	if (atomic_fetch_sub_explicit(&request->references, 1, memory_order_acq_rel) != 1)
		return;
	free(request->text);
	free(request);
}

static void run_request(void *context, bool is_cancelled)
{
	struct line_request *request = context;
	uint8_t arguments[COMMAND_LINE_BYTES + 1];
	const struct file_part part = {.buffer = arguments, .size_bytes = sizeof(arguments)};
	enum symbols_status status = SYMBOLS_NOT_FOUND;
	struct proc_stat stat;
	size_t size = 0;

	if (!is_cancelled)
		status = file_reader_read_command_line(request->reader, (pid_t)request->pid, &part,
						       &stat, &size);
	request->is_late = status == SYMBOLS_TIMEOUT;
	if (status == SYMBOLS_OK && is_started_at(&stat, request->process_start_ns))
		request->text = join(arguments, size, size > COMMAND_LINE_BYTES);
	atomic_store(&request->is_done, true);
	request_release(request);
}

/* Returns false if too many wait, or on allocation failure. */
static bool submit(struct command_lines *lines, const struct command_line_owner *owner)
{
	struct line_request *request = malloc(sizeof(*request));

	if (!request || lines->requested - lines->answered >= REQUESTS_MAX) {
		free(request);
		return false;
	}
	*request = (struct line_request){.reader = lines->reader,
					 .pid = owner->pid,
					 .process_start_ns = owner->process_start_ns};
	atomic_init(&request->references, 2);
	atomic_init(&request->is_done, false);
	if (!file_reader_submit(lines->reader,
				&(const struct file_task){run_request, request, true})) {
		free(request);
		return false;
	}
	*lines->last_request = request;
	lines->last_request = &request->next;
	lines->requested++;
	return true;
}

/* A record can have come meanwhile, or another process can have the place. */
static void take_answer(struct command_lines *lines, struct line_request *request)
{
	struct known_line *known = place_of(lines, request->pid, request->process_start_ns);

	if (!known->is_awaited || known->pid != request->pid ||
	    known->process_start_ns != request->process_start_ns)
		return;
	known->is_awaited = false;
	known->is_late = request->is_late;
	known->text = request->text;
	request->text = NULL;
}

static void take_answers(struct command_lines *lines)
{
	while (lines->first_request && atomic_load(&lines->first_request->is_done)) {
		struct line_request *request = lines->first_request;

		lines->first_request = request->next;
		if (!request->next)
			lines->last_request = &lines->first_request;
		lines->answered++;
		take_answer(lines, request);
		request_release(request);
	}
}

uint64_t command_lines_requested(const struct command_lines *lines)
{
	return lines->requested;
}

bool command_lines_are_answered(struct command_lines *lines, uint64_t requested)
{
	take_answers(lines);
	return lines->answered >= requested;
}

uint64_t command_lines_unknown(const struct command_lines *lines)
{
	return lines->unknown;
}

static bool is_known(const struct known_line *known, const struct command_line_owner *owner)
{
	return known->process_start_ns == owner->process_start_ns && known->pid == owner->pid &&
	       (known->is_recorded || memcmp(known->comm, owner->comm, EVENT_COMM_BYTES) == 0);
}

static bool must_look_up(const struct known_line *known, const struct command_line_owner *owner)
{
	return !is_known(known, owner) || (known->is_late && known->tries < TRIES_MAX);
}

/* Reads the command line of a process that is not known, or has it read. */
static void look_up(struct command_lines *lines, struct known_line *known,
		    const struct command_line_owner *owner)
{
	const uint8_t tries = is_known(known, owner) ? known->tries : 0;

	free(known->text);
	free(known->older);
	*known = (struct known_line){
		.process_start_ns = owner->process_start_ns,
		.pid = owner->pid,
		.tries = (uint8_t)(tries + 1),
	};
	memcpy(known->comm, owner->comm, EVENT_COMM_BYTES);
	if (!lines->reader)
		known->text = read_line(lines, owner->pid, owner->process_start_ns);
	else if (lines->proc)
		known->is_awaited = submit(lines, owner);
}

void command_lines_request(struct command_lines *lines, const struct command_line_owner *owner)
{
	struct known_line *known = place_of(lines, owner->pid, owner->process_start_ns);

	if (must_look_up(known, owner))
		look_up(lines, known, owner);
}

const char *command_lines_find(struct command_lines *lines, const struct command_line_owner *owner)
{
	struct known_line *known = place_of(lines, owner->pid, owner->process_start_ns);

	take_answers(lines);
	if (known->older && known->process_start_ns == owner->process_start_ns &&
	    known->pid == owner->pid && lines->time_ns < known->time_ns)
		return known->older;
	if (must_look_up(known, owner)) {
		look_up(lines, known, owner);
	} else {
		known->is_recorded = false;
		memcpy(known->comm, owner->comm, EVENT_COMM_BYTES);
	}
	lines->unknown += known->is_awaited;
	return known->text;
}

void command_lines_free(struct command_lines *lines)
{
	if (!lines)
		return;
	while (lines->first_request) {
		struct line_request *next = lines->first_request->next;

		request_release(lines->first_request);
		lines->first_request = next;
	}
	for (size_t i = 0; i < COMMAND_LINES_KEPT; i++) {
		free(lines->known[i].text);
		free(lines->known[i].older);
	}
	free(lines);
}
