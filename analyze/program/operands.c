/* analyze/program/operands.c - files that a command line names: files, directories, lists */
#define _GNU_SOURCE
#include "analyze/program/operands.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/program/program.h"
#include "base/array.h"
#include "text/escape.h"

/* With more files, they are opened one after the other. */
#define OPEN_MAX_FILES 64u

#define SPOOL_STEP_BYTES 262144u

static bool complain(const char *program, const char *object, const char *reason, int error_number)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, object, strlen(object));
	fprintf(stderr, ": %s%s%s\n", reason, error_number ? ": " : "",
		error_number ? strerror(error_number) : "");
	return false;
}

/* Takes ownership of the text; NULL: allocation failed. */
static bool append(struct operands *operands, const char *program, char *path)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const size_t item_bytes = sizeof(*operands->paths);
	char **grown = path ? array_grow(operands->paths, &operands->capacity, operands->count + 1,
					 item_bytes, ARRAY_NO_LIMIT)
			    : NULL;

	if (!grown) {
		free(path);
		fprintf(stderr, "%s: out of memory\n", program);
		return false;
	}
	operands->paths = grown;
	grown[operands->count++] = path;
	return true;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_trace_name(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && name[0] != '.' && strcmp(name + length - 3, ".dz") == 0;
}

static bool add_entries(struct operands *operands, const char *program, const char *path,
			DIR *directory)
{
	const struct dirent *entry;

	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while ((entry = readdir(directory))) {
		char *joined = NULL;

		if (!is_trace_name(entry->d_name))
			continue;
		if (asprintf(&joined, "%s/%s", path, entry->d_name) < 0)
			joined = NULL;
		if (!append(operands, program, joined))
			return false;
	}
	return true;
}

static bool add_directory(struct operands *operands, const char *program, const char *path)
{
	size_t before = operands->count;
	DIR *directory = opendir(path);
	bool ok;

	if (!directory)
		return complain(program, path, "cannot open", errno);
	ok = add_entries(operands, program, path, directory);
	closedir(directory);
	if (!ok)
		return false;
	if (operands->count == before)
		return complain(program, path, "no .dz file in this directory: name a file", 0);
	qsort(operands->paths + before, operands->count - before, sizeof(char *), compare_paths);
	return true;
}

bool operands_add(struct operands *operands, const char *program, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return add_directory(operands, program, path);
	return append(operands, program, strdup(path));
}

bool operands_add_list(struct operands *operands, const char *program, const char *list)
{
	FILE *stream = strcmp(list, "-") == 0 ? stdin : fopen(list, "re");
	size_t size = 0;
	char *line = NULL;
	bool ok = true;

	if (!stream)
		return complain(program, list, "cannot open", errno);
	while (ok && getline(&line, &size, stream) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			ok = operands_add(operands, program, line);
	}
	if (ok && ferror(stream))
		ok = complain(program, list, "cannot read", errno);
	if (stream != stdin)
		fclose(stream);
	free(line);
	return ok;
}

static int make_spool(void)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	return fd;
}

/* Copies standard input. Returns NULL, or the reason of a failure; then errno is set, or 0. */
static const char *copy_input(int fd)
{
	static char bytes[SPOOL_STEP_BYTES];
	uint64_t copied = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return "cannot read";
		copied += (uint64_t)got;
		errno = 0;
		if (copied > OPERANDS_SPOOL_BYTES)
			return "larger than 4 GiB: copy it to a file, and name the file";
		for (ssize_t written = 0, more; written < got; written += more) {
			more = write(fd, bytes + written, (size_t)(got - written));
			if (more <= 0)
				return "cannot copy it to a temporary file";
		}
	}
	return NULL;
}

/* Returns standard input as a regular file; -1 after printing the reason. */
static int open_input(const char *program)
{
	struct stat status;
	const char *reason = "cannot read";
	int fd;

	if (fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)) {
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd >= 0)
			return fd;
	} else {
		fd = make_spool();
		reason = fd < 0 ? "cannot make a temporary file" : copy_input(fd);
		if (!reason)
			return fd;
	}
	complain(program, "standard input", reason, errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool operands_are_many(const struct operands *operands)
{
	return operands->count > OPEN_MAX_FILES;
}

bool operands_start_opener(struct operands *operands, const char *program)
{
	operands->has_opener =
		file_opener_start(program, operands->paths, operands->count, &operands->opener);
	return operands->has_opener;
}

bool operands_open_all(struct operands *operands, const char *program,
		       bool (*add)(void *context, const char *path, int fd), void *context)
{
	bool many = operands_are_many(operands);

	for (size_t i = 0; i < operands->count; i++) {
		const char *path = operands->paths[i];
		bool is_input = strcmp(path, "-") == 0;
		int fd = is_input ? open_input(program) : program_open_input(program, path);

		if (fd < 0)
			return false;
		if (many && !is_input) {
			close(fd);
			fd = -1;
		}
		if (!add(context, is_input ? "standard input" : path, fd)) {
			fprintf(stderr, "%s: out of memory\n", program);
			return false;
		}
	}
	return !many || operands_start_opener(operands, program);
}

int operands_open(void *context, size_t number)
{
	const struct operands *operands = context;

	return file_opener_open(&operands->opener, number);
}

void operands_release(struct operands *operands)
{
	if (operands->has_opener)
		file_opener_stop(&operands->opener);
	for (size_t i = 0; i < operands->count; i++)
		free(operands->paths[i]);
	free(operands->paths);
	*operands = (struct operands){0};
}
