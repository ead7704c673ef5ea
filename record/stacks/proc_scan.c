/* record/stacks/proc_scan.c - reads the mappings of a process from /proc */
#include "record/stacks/proc_scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"

#define STAT_MAX_BYTES 1024

/* Numbers of the fields in /proc/PID/stat that follow the name, as proc(5) counts them. */
#define FIELD_AFTER_NAME 3
#define FIELD_THREADS    20
#define FIELD_START      22

/* The descriptor stays that of this process even if its ID is reused. */
static int open_directory(uint32_t pid)
{
	char name[sizeof("/proc/") + 12];

	snprintf(name, sizeof(name), "/proc/%u", pid);
	return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool read_text(int directory, const char *name, char *text, size_t size_bytes)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, size_bytes - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return true;
}

/* A name can contain spaces and parentheses: the other fields follow the last ')'. */
static bool read_stat(int directory, struct process_found *found)
{
	uint64_t tick_ns = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
	char text[STAT_MAX_BYTES];
	char *rest = NULL;
	char *word;

	if (!read_text(directory, "stat", text, sizeof(text)))
		return false;
	word = strrchr(text, ')');
	if (!word)
		return false;
	word = strtok_r(word + 1, " ", &rest);
	for (int field = FIELD_AFTER_NAME; word; field++) {
		if (field == FIELD_THREADS)
			found->threads = (uint32_t)strtoul(word, NULL, 10);
		if (field == FIELD_START) {
			found->start_ns = strtoull(word, NULL, 10) * tick_ns;
			return true;
		}
		word = strtok_r(NULL, " ", &rest);
	}
	return false;
}

/* Replaces each file by the shared one of the cache, which opens it. */
static void intern_files(struct mappings *mappings, struct mapped_file_cache *files,
			 uint64_t now_ns)
{
	for (size_t i = 0; i < mappings->count; i++) {
		struct mapping *mapping = &mappings->entries[i];
		struct file_sighting sighting = {
			.pid = mappings->pid,
			.start = mapping->start,
			.end = mapping->end,
			.now_ns = now_ns,
		};
		struct mapped_file *shared;

		if (!mapping->file)
			continue;
		sighting.identity = &mapping->file->identity;
		sighting.path = mapping->file->path;
		sighting.seen_ns = mapping->file->seen_ns;
		shared = mapped_file_cache_intern(files, &sighting);
		if (shared) {
			mapped_file_release(mapping->file);
			mapping->file = shared;
		}
	}
}

static enum symbols_status read_mappings(int directory, uint32_t pid,
					 struct mapping_account *account,
					 struct process_found *found)
{
	enum symbols_status status;
	int fd = openat(directory, "maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return SYMBOLS_NOT_FOUND;
	found->set = mapping_set_new((pid_t)pid, account);
	if (!found->set) {
		close(fd);
		return SYMBOLS_NO_MEMORY;
	}
	status = mappings_read_proc(&found->set->mappings, fd);
	close(fd);
	if (status == SYMBOLS_LIMIT)
		status = SYMBOLS_OK;
	if (status == SYMBOLS_OK && found->set->mappings.count == 0)
		status = SYMBOLS_NOT_FOUND;
	if (status != SYMBOLS_OK) {
		mapping_set_release(found->set);
		found->set = NULL;
	}
	return status;
}

enum symbols_status proc_scan_process(uint32_t pid, struct mapped_file_cache *files,
				      struct mapping_account *account,
				      struct process_found *ret_found)
{
	struct process_found found = {.pid = pid, .time_ns = clock_boottime_ns()};
	enum symbols_status status = SYMBOLS_NOT_FOUND;
	int directory = open_directory(pid);

	if (directory < 0)
		return SYMBOLS_NOT_FOUND;
	if (read_stat(directory, &found))
		status = read_mappings(directory, pid, account, &found);
	close(directory);
	if (status != SYMBOLS_OK)
		return status;
	intern_files(&found.set->mappings, files, found.time_ns);
	mapping_set_changed(found.set);
	*ret_found = found;
	return SYMBOLS_OK;
}

/* The first thread stays as a zombie until all others have ended. */
bool proc_scan_is_gone(uint32_t pid)
{
	struct process_found found = {.threads = 0};
	int directory = open_directory(pid);
	bool gone;

	if (directory < 0)
		return true;
	gone = !read_stat(directory, &found) || found.threads <= 1;
	close(directory);
	return gone;
}
