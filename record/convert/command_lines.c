/* record/convert/command_lines.c - command lines of processes, from BPF programs or /proc */
#include "record/convert/command_lines.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Direct-mapped; an entry that was replaced is read again. A power of two. */
#define COMMAND_LINES_KEPT 4096u

#define STAT_MAX_BYTES   1024
#define STAT_START_FIELD 22 /* proc(5), in ticks since boot */
#define NS_PER_SECOND    1000000000u

struct known_line {
	uint64_t process_start_ns; /* 0: unused */
	uint32_t pid;
	bool is_recorded; /* from a record, which has no name of the process */
	char comm[EVENT_COMM_BYTES];
	char *text; /* NULL: none */
	/* Of a record: the process had this command line then, and the older one before. */
	uint64_t time_ns;
	char *older; /* NULL: none */
};

struct command_lines {
	const char *proc;
	uint64_t time_ns; /* of the event whose tasks are looked up */
	struct known_line known[COMMAND_LINES_KEPT];
};

struct command_lines *command_lines_new(const char *proc)
{
	struct command_lines *lines = calloc(1, sizeof(*lines));

	if (lines)
		lines->proc = proc;
	return lines;
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

/* The name in parentheses may contain anything, also spaces and parentheses. */
static bool is_started_at(int directory, uint64_t start_ns)
{
	const uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	char stat[STAT_MAX_BYTES], *field;
	int fd = openat(directory, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (size <= 0)
		return false;
	stat[size] = '\0';
	field = strrchr(stat, ')');
	for (int i = 2; field && i < STAT_START_FIELD; i++)
		field = strchr(field + 1, ' ');
	return field && strtoull(field + 1, NULL, 10) == start_ns / (NS_PER_SECOND / ticks);
}

/* An open directory stays that of one process, also if its number is reused. */
static char *read_line(const struct command_lines *lines, uint32_t pid, uint64_t start_ns)
{
	uint8_t arguments[COMMAND_LINE_BYTES + 1];
	char path[PATH_MAX];
	int directory, fd;
	ssize_t size = -1;

	if (!lines->proc)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%u", lines->proc, pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return NULL;
	fd = is_started_at(directory, start_ns) ? openat(directory, "cmdline", O_RDONLY | O_CLOEXEC)
						: -1;
	if (fd >= 0) {
		size = read(fd, arguments, sizeof(arguments));
		(void)close(fd);
	}
	(void)close(directory);
	return size > 0 ? join(arguments, (size_t)size, size > COMMAND_LINE_BYTES) : NULL;
}

const char *command_lines_find(struct command_lines *lines, const struct command_line_owner *owner)
{
	struct known_line *known = place_of(lines, owner->pid, owner->process_start_ns);

	if (known->older && known->process_start_ns == owner->process_start_ns &&
	    known->pid == owner->pid && lines->time_ns < known->time_ns)
		return known->older;
	if (known->process_start_ns == owner->process_start_ns && known->pid == owner->pid &&
	    (known->is_recorded || memcmp(known->comm, owner->comm, EVENT_COMM_BYTES) == 0)) {
		known->is_recorded = false;
		memcpy(known->comm, owner->comm, EVENT_COMM_BYTES);
		return known->text;
	}
	free(known->text);
	free(known->older);
	*known = (struct known_line){
		.process_start_ns = owner->process_start_ns,
		.pid = owner->pid,
		.text = read_line(lines, owner->pid, owner->process_start_ns),
	};
	memcpy(known->comm, owner->comm, EVENT_COMM_BYTES);
	return known->text;
}

void command_lines_free(struct command_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < COMMAND_LINES_KEPT; i++) {
		free(lines->known[i].text);
		free(lines->known[i].older);
	}
	free(lines);
}
