/* record/stacks/proc_scan.c - reads the mappings of a process from /proc */
#include "record/stacks/proc_scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/proc_stat.h"

void proc_scan_intern(struct mappings *mappings, struct mapped_file_cache *files, uint64_t now_ns)
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
	int directory = proc_stat_open_directory(pid);
	struct proc_stat stat;

	if (directory < 0)
		return SYMBOLS_NOT_FOUND;
	if (proc_stat_read(directory, &stat))
		status = read_mappings(directory, pid, account, &found);
	close(directory);
	if (status != SYMBOLS_OK)
		return status;
	found.start_ns = stat.start_ns;
	found.threads = stat.threads;
	proc_scan_intern(&found.set->mappings, files, found.time_ns);
	mapping_set_changed(found.set);
	*ret_found = found;
	return SYMBOLS_OK;
}

/* The first thread stays as a zombie until all others have ended. */
bool proc_scan_is_gone(uint32_t pid)
{
	struct proc_stat stat = {.threads = 0};
	int directory = proc_stat_open_directory(pid);
	bool gone;

	if (directory < 0)
		return true;
	gone = !proc_stat_read(directory, &stat) || stat.threads <= 1;
	close(directory);
	return gone;
}
