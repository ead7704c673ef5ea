/* record/convert/section_path.c - the path of a file, from the names that BPF programs read */
#include "record/convert/section_path.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Magic numbers of file systems without directories. linux/magic.h lacks the newer ones. */
#define FILE_SYSTEM_PIPES   0x50495045u
#define FILE_SYSTEM_SOCKETS 0x534f434bu
#define FILE_SYSTEM_ANON    0x09041934u
#define FILE_SYSTEM_PIDS    0x50494446u
#define FILE_SYSTEM_TMP     0x01021994u
#define FILE_SYSTEM_HUGE    0x958458f6u

#define NO_NAME "[no name]"
/* A pidfd, which was an anonymous inode before Linux 6.9. */
#define PIDFD_NAME "anon_inode:[pidfd]"

/* Files without a name in a file system, as /proc/PID/fd names them. */
static void write_kind(const struct section_file *file, const char *name,
		       char out[SECTION_PATH_TEXT_MAX])
{
	static const struct {
		uint64_t file_system;
		const char *before;
		const char *after;
		bool has_inode; /* in place of the name */
	} kinds[] = {
		{FILE_SYSTEM_PIPES, "pipe:[", "]", true},
		{FILE_SYSTEM_SOCKETS, "socket:[", "]", true},
		{FILE_SYSTEM_ANON, "anon_inode:", "", false},
		/* Of memfd_create(), and shared memory without a name. */
		{FILE_SYSTEM_TMP, "/", " (deleted)", false},
		{FILE_SYSTEM_HUGE, "/", " (deleted)", false},
	};
	char inode[24];

	(void)snprintf(inode, sizeof(inode), "%" PRIu64, (uint64_t)file->inode);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].file_system != file->file_system)
			continue;
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "%s%s%s", kinds[i].before,
			       kinds[i].has_inode ? inode : name, kinds[i].after);
		return;
	}
	(void)snprintf(out, SECTION_PATH_TEXT_MAX, "%s", name);
}

/* Finds the names, the file's own first. Returns their number. */
static size_t find_names(const struct section_file *file, const char *names[SECTION_FILE_STEPS])
{
	size_t count = 0, at = 0;

	while (count < file->parts && count < SECTION_FILE_STEPS && at < sizeof(file->names)) {
		size_t length = strnlen(file->names + at, sizeof(file->names) - at);

		if (length == sizeof(file->names) - at)
			break;
		names[count++] = file->names + at;
		at += length + 1;
	}
	return count;
}

/* What the path begins with, if names above it are missing, or if it has none at all. */
static const char *beginning_of(const struct section_file *file, size_t count)
{
	if (file->flags & (SECTION_FILE_TRUNCATED | SECTION_FILE_APART))
		return "...";
	return count ? "" : "/";
}

void section_path_text(const struct section_file *file, char out[SECTION_PATH_TEXT_MAX])
{
	const char *names[SECTION_FILE_STEPS];
	size_t count = find_names(file, names), used;
	bool is_apart = file->flags & SECTION_FILE_APART;

	if (file->flags & SECTION_FILE_REPLACED) {
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "[closed or replaced during the call]");
		return;
	}
	/* A root that is not mounted has the name "/", such as that of a namespace. */
	if (is_apart && count > 0 && strcmp(names[count - 1], "/") == 0)
		count--;
	if (is_apart && count == 0) {
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "%s",
			       file->file_system == FILE_SYSTEM_PIDS ? PIDFD_NAME : NO_NAME);
		return;
	}
	if (is_apart && count == 1 && file->parts == 1) {
		write_kind(file, names[0], out);
		return;
	}
	used = (size_t)snprintf(out, SECTION_PATH_TEXT_MAX, "%s", beginning_of(file, count));
	while (count > 0 && used < SECTION_PATH_TEXT_MAX)
		used += (size_t)snprintf(out + used, SECTION_PATH_TEXT_MAX - used, "/%s",
					 names[--count]);
	if (used < SECTION_PATH_TEXT_MAX && file->flags & SECTION_FILE_DELETED)
		(void)snprintf(out + used, SECTION_PATH_TEXT_MAX - used, " (deleted)");
}
