/* symbols/debug_lines.c - source lines and inlined functions of addresses, from debug files */
#include "symbols/debug_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/debug_lines_child.h"
#include "symbols/elf_image.h"

#define ALTERNATE_LINK_MAX_BYTES 8192u
#define FIRST_ANSWER_BYTES       65536u

struct answer {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
};

/* .gnu_debugaltlink: a path, which is not used, a NUL, and the build ID of the file from dwz. */
static int open_alternate(const struct debug_lines_query *query, int debug_fd)
{
	const struct elf_section *link;
	struct elf_image image;
	uint8_t *bytes = NULL;
	size_t size;
	int fd = -1;

	if (elf_image_open(debug_fd, &image) != SYMBOLS_OK)
		return -1;
	link = elf_image_section(&image, ".gnu_debugaltlink");
	if (link && elf_image_load_section(&image, link, ALTERNATE_LINK_MAX_BYTES, &bytes, &size) ==
			    SYMBOLS_OK) {
		struct cursor cursor = cursor_over(bytes, size);

		if (cursor_string(&cursor) &&
		    query->open(query->context, cursor.at, cursor_left(&cursor), &fd) != SYMBOLS_OK)
			fd = -1;
	}
	free(bytes);
	elf_image_release(&image);
	return fd;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static enum symbols_status reserve(struct answer *answer)
{
	uint8_t *grown = array_grow(answer->bytes, &answer->capacity,
				    answer->size ? answer->size + 1 : FIRST_ANSWER_BYTES, 1,
				    DEBUG_LINES_ANSWER_MAX_BYTES);

	if (!grown)
		return answer->size >= DEBUG_LINES_ANSWER_MAX_BYTES ? SYMBOLS_LIMIT
								    : SYMBOLS_NO_MEMORY;
	answer->bytes = grown;
	return SYMBOLS_OK;
}

static enum symbols_status read_answer(int fd, unsigned int time_limit_ms, struct answer *answer)
{
	int64_t deadline_ms = now_ms() + time_limit_ms;

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left_ms = deadline_ms - now_ms();
		enum symbols_status status = reserve(answer);
		ssize_t got;

		if (status != SYMBOLS_OK)
			return status;
		if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
			return SYMBOLS_TIMEOUT;
		got = read(fd, answer->bytes + answer->size, answer->capacity - answer->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SYMBOLS_IO;
		if (got == 0)
			return SYMBOLS_OK;
		answer->size += (size_t)got;
	}
}

static enum symbols_status reap(pid_t child, enum symbols_status status)
{
	int result;

	if (status != SYMBOLS_OK)
		kill(child, SIGKILL);
	while (waitpid(child, &result, 0) < 0) {
		if (errno != EINTR)
			return SYMBOLS_IO;
	}
	if (status == SYMBOLS_OK && (!WIFEXITED(result) || WEXITSTATUS(result) != 0))
		return SYMBOLS_CORRUPT;
	return status;
}

static enum symbols_status run_child(const struct debug_lines_query *query,
				     struct debug_lines_files *files, struct answer *answer)
{
	int ends[2];
	pid_t child;
	enum symbols_status status;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return SYMBOLS_IO;
	files->answer_fd = ends[1];
	child = fork();
	if (child == 0)
		debug_lines_child_run(query, files);
	close(ends[1]);
	status = SYMBOLS_IO;
	if (child > 0)
		status = reap(child, read_answer(ends[0], query->time_limit_ms, answer));
	close(ends[0]);
	return status;
}

/* Returns false for an index that is out of order or beyond the query, and for a missing NUL. */
static bool take_line(struct cursor *cursor, uint32_t least_index, size_t address_count,
		      struct debug_line *ret_line)
{
	struct debug_line line;

	line.address_index = cursor_u32(cursor);
	line.line = cursor_u32(cursor);
	line.offset = cursor_u64(cursor);
	line.inlined = cursor_u32(cursor) != 0;
	line.function = cursor_string(cursor);
	line.file = cursor_string(cursor);
	*ret_line = line;
	return !cursor->failed && line.address_index >= least_index &&
	       line.address_index < address_count;
}

static enum symbols_status append(struct debug_lines *lines, size_t *capacity,
				  const struct debug_line *line)
{
	struct debug_line *grown = array_grow(lines->lines, capacity, lines->count + 1,
					      sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return SYMBOLS_NO_MEMORY;
	lines->lines = grown;
	lines->lines[lines->count++] = *line;
	return SYMBOLS_OK;
}

enum symbols_status debug_lines_parse(uint8_t *answer, size_t answer_bytes, size_t address_count,
				      struct debug_lines *ret_lines)
{
	struct cursor cursor = cursor_over(answer, answer_bytes);
	struct debug_lines lines = {.answer = answer, .answer_bytes = answer_bytes};
	enum symbols_status status = SYMBOLS_OK;
	size_t capacity = 0;
	uint32_t least_index = 0;

	while (cursor_left(&cursor) > 0 && status == SYMBOLS_OK) {
		struct debug_line line;

		if (!take_line(&cursor, least_index, address_count, &line))
			status = SYMBOLS_CORRUPT;
		else
			status = append(&lines, &capacity, &line);
		least_index = line.address_index;
	}
	if (status == SYMBOLS_OK)
		*ret_lines = lines;
	else
		free(lines.lines);
	return status;
}

enum symbols_status debug_lines_find(const struct debug_lines_query *query,
				     struct debug_lines *ret_lines)
{
	struct debug_lines_files files = {.alternate_fd = -1};
	struct answer answer = {.size = 0};
	enum symbols_status status;

	if (query->address_count > DEBUG_LINES_ADDRESSES_MAX)
		return SYMBOLS_LIMIT;
	status = query->open(query->context, query->build_id, query->build_id_bytes,
			     &files.debug_fd);
	if (status != SYMBOLS_OK)
		return status;
	files.alternate_fd = open_alternate(query, files.debug_fd);
	status = run_child(query, &files, &answer);
	close(files.debug_fd);
	if (files.alternate_fd >= 0)
		close(files.alternate_fd);
	if (status == SYMBOLS_OK)
		status = debug_lines_parse(answer.bytes, answer.size, query->address_count,
					   ret_lines);
	if (status != SYMBOLS_OK)
		free(answer.bytes);
	return status;
}

void debug_lines_release(struct debug_lines *lines)
{
	free(lines->lines);
	free(lines->answer);
	*lines = (struct debug_lines){.count = 0};
}
