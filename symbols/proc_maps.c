/* symbols/proc_maps.c - reads /proc/PID/maps into a struct mappings */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "symbols/lines.h"
#include "symbols/mappings.h"

/* A process has at most 65530 mappings unless root allows more. */
#define FILE_MAX_BYTES (256u << 20)

struct reader {
	struct mappings *mappings;
	int64_t now_ns;
	struct mapped_file *last_file; /* the lines of a file are usually successive */
};

/* Reads a number and the character that must follow it. */
static bool take_number(const char **at, int base, char end, uint64_t *ret_value)
{
	char *stop;

	errno = 0;
	*ret_value = strtoull(*at, &stop, base);
	if (errno != 0 || stop == *at || *stop != end)
		return false;
	*at = stop + 1;
	return true;
}

/* The kernel writes a newline in a path as \012 and does not escape anything else. */
static void unescape_newlines(char *path)
{
	char *out = path;

	while (*path) {
		if (strncmp(path, "\\012", 4) == 0) {
			*out++ = '\n';
			path += 4;
		} else {
			*out++ = *path++;
		}
	}
	*out = '\0';
}

static void remove_deleted_suffix(char *path)
{
	static const char suffix[] = " (deleted)";
	size_t length = strlen(path);

	if (length > sizeof(suffix) - 1 &&
	    strcmp(path + length - (sizeof(suffix) - 1), suffix) == 0)
		path[length - (sizeof(suffix) - 1)] = '\0';
}

static struct mapped_file *file_of(struct reader *reader, const struct file_identity *identity,
				   const char *path)
{
	struct mapped_file *last = reader->last_file;

	if (last && last->identity.inode == identity->inode &&
	    last->identity.device_major == identity->device_major &&
	    last->identity.device_minor == identity->device_minor && strcmp(last->path, path) == 0)
		return last;
	mapped_file_release(last);
	reader->last_file = mapped_file_new(identity, path, reader->now_ns);
	return reader->last_file;
}

static enum symbols_status add_named(struct reader *reader, struct mapping *mapping,
				     const struct file_identity *identity, char *name)
{
	enum symbols_status status;

	unescape_newlines(name);
	remove_deleted_suffix(name);
	mapping->kind = mapping_kind_of(name);
	if (mapping_has_file(mapping)) {
		mapping->file = file_of(reader, identity, name);
		if (!mapping->file)
			return SYMBOLS_NO_MEMORY;
	}
	status = mappings_add(reader->mappings, mapping);
	return status == SYMBOLS_CORRUPT ? SYMBOLS_OK : status;
}

/* START-END PERM OFFSET MAJOR:MINOR INODE   NAME */
static enum symbols_status add_line(void *context, char *line)
{
	struct reader *reader = context;
	struct file_identity identity = {.inode = 0};
	struct mapping mapping = {.start = 0};
	const char *at = line;
	const char *permissions;
	uint64_t major, minor;

	if (!take_number(&at, 16, '-', &mapping.start) || !take_number(&at, 16, ' ', &mapping.end))
		return SYMBOLS_OK;
	permissions = at;
	if (strnlen(at, 5) < 5 || permissions[2] != 'x')
		return SYMBOLS_OK;
	at += 5;
	if (!take_number(&at, 16, ' ', &mapping.file_offset) ||
	    !take_number(&at, 16, ':', &major) || !take_number(&at, 16, ' ', &minor) ||
	    !take_number(&at, 10, ' ', &identity.inode))
		return SYMBOLS_OK;
	identity.device_major = (uint32_t)major;
	identity.device_minor = (uint32_t)minor;
	at += strspn(at, " ");
	return add_named(reader, &mapping, &identity, line + (at - line));
}

static int64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

enum symbols_status mappings_read_proc(struct mappings *mappings, int fd)
{
	struct reader reader = {.mappings = mappings, .now_ns = realtime_ns()};
	const struct lines_handler handler = {.handle = add_line, .context = &reader};
	enum symbols_status status = lines_read(fd, FILE_MAX_BYTES, &handler);

	mapped_file_release(reader.last_file);
	return status;
}

enum symbols_status mappings_read_source(struct mappings *mappings,
					 const struct line_source *source, uint64_t limit_bytes)
{
	struct reader reader = {.mappings = mappings, .now_ns = realtime_ns()};
	const struct lines_handler handler = {.handle = add_line, .context = &reader};
	enum symbols_status status = lines_read_source(source, limit_bytes, &handler);

	mapped_file_release(reader.last_file);
	return status;
}
