/* record/convert/section_path.c - the path of a file, from the names that BPF programs read */
#include "record/convert/section_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Files without a name in a file system, as /proc names them. */
static void write_kind(const struct section_file *file, const char *name,
		       char out[SECTION_PATH_TEXT_MAX])
{
	if (S_ISFIFO(file->mode))
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "pipe:[%" PRIu64 "]",
			       (uint64_t)file->inode);
	else if (S_ISSOCK(file->mode))
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "socket:[%" PRIu64 "]",
			       (uint64_t)file->inode);
	else
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "%s%s",
			       name[0] == '[' ? "anon_inode:" : "", name[0] ? name : "[no name]");
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

void section_path_text(const struct section_file *file, char out[SECTION_PATH_TEXT_MAX])
{
	const char *names[SECTION_FILE_STEPS];
	size_t count = find_names(file, names), used;

	if (file->flags & SECTION_FILE_REPLACED) {
		(void)snprintf(out, SECTION_PATH_TEXT_MAX, "[closed or replaced during the call]");
		return;
	}
	if (file->flags & SECTION_FILE_APART) {
		write_kind(file, count ? names[count - 1] : "", out);
		return;
	}
	used = (size_t)snprintf(out, SECTION_PATH_TEXT_MAX, "%s",
				file->flags & SECTION_FILE_TRUNCATED ? "..."
				: count                              ? ""
								     : "/");
	while (count > 0 && used < SECTION_PATH_TEXT_MAX)
		used += (size_t)snprintf(out + used, SECTION_PATH_TEXT_MAX - used, "/%s",
					 names[--count]);
	if (used < SECTION_PATH_TEXT_MAX && file->flags & SECTION_FILE_DELETED)
		(void)snprintf(out + used, SECTION_PATH_TEXT_MAX - used, " (deleted)");
}
