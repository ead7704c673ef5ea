/* record/stacks/process_scan.c - has the mappings of all processes read, one user after the other
 */
#include "record/stacks/process_scan.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/array.h"
#include "record/common/pid_namespace.h"

/* Places for early reads are left. */
#define UNDER_WAY_MAX (MAPS_READER_MAX - 8u)

struct process_scan {
	struct maps_reader *reader;
	bool has_proc;
	DIR *directory; /* NULL: all its processes were requested */
	uint32_t *put_off;
	size_t put_off_count;
	size_t put_off_capacity;
	size_t under_way;
	uint64_t took_ns;
};

struct process_scan *process_scan_new(struct maps_reader *reader)
{
	struct process_scan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		return NULL;
	scan->reader = reader;
	/* The system call for this is not allowed later. */
	scan->has_proc = pid_namespace_has_proc();
	return scan;
}

static void close_directory(struct process_scan *scan)
{
	if (scan->directory)
		closedir(scan->directory);
	scan->directory = NULL;
}

void process_scan_free(struct process_scan *scan)
{
	if (!scan)
		return;
	close_directory(scan);
	free(scan->put_off);
	free(scan);
}

bool process_scan_begin(struct process_scan *scan)
{
	close_directory(scan);
	scan->put_off_count = 0;
	scan->took_ns = 0;
	maps_reader_forget_use(scan->reader);
	scan->directory = scan->has_proc ? opendir("/proc") : NULL;
	return scan->directory != NULL;
}

/* Returns false at the end. */
static bool next_of_directory(struct process_scan *scan, struct maps_request *ret_request)
{
	const struct dirent *entry;

	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while (scan->directory && (entry = readdir(scan->directory)) != NULL) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);

		if (*end != '\0' || pid == 0 || pid > UINT32_MAX)
			continue;
		*ret_request = (struct maps_request){.pid = (uint32_t)pid, .can_put_off = true};
		return true;
	}
	close_directory(scan);
	return false;
}

static bool next(struct process_scan *scan, struct maps_request *ret_request)
{
	if (next_of_directory(scan, ret_request))
		return true;
	/* All others come before. */
	if (scan->put_off_count == 0 || scan->under_way > 0)
		return false;
	*ret_request = (struct maps_request){.pid = scan->put_off[--scan->put_off_count]};
	return true;
}

static void put_off(struct process_scan *scan, uint32_t pid)
{
	uint32_t *grown = array_grow(scan->put_off, &scan->put_off_capacity,
				     scan->put_off_count + 1, sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return;
	scan->put_off = grown;
	grown[scan->put_off_count++] = pid;
}

void process_scan_continue(struct process_scan *scan)
{
	struct maps_request request;

	while (scan->under_way < UNDER_WAY_MAX && next(scan, &request)) {
		if (!maps_reader_request(scan->reader, &request)) {
			put_off(scan, request.pid);
			return;
		}
		scan->under_way++;
	}
}

void process_scan_note(struct process_scan *scan, const struct maps_result *result)
{
	scan->under_way -= scan->under_way > 0;
	scan->took_ns += result->took_ns;
	if (result->status == SYMBOLS_REFUSED)
		put_off(scan, result->request.pid);
}

bool process_scan_is_under_way(const struct process_scan *scan)
{
	return scan->directory || scan->put_off_count > 0 || scan->under_way > 0;
}

uint64_t process_scan_took_ns(const struct process_scan *scan)
{
	return scan->took_ns;
}
