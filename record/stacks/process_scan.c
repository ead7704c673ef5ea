/* record/stacks/process_scan.c - has the mappings of all processes read, one user after the other
 */
#include "record/stacks/process_scan.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/array.h"
#include "record/common/pid_namespace.h"
#include "record/stacks/user_use.h"

/* Places for early reads are left. */
#define UNDER_WAY_MAX (MAPS_READER_MAX - 8u)

#define AGAIN_MAX 64u

/* At most 1/50 of a CPU is spent in scans: after one that took 20 ms of it, the next one starts no
 * earlier than 1 s after its start. The helper process works as long as the thread that reads its
 * answers. Users who were put off have a second part like that, for all of them. */
#define NEXT_PER_CPU_TIME (2u * 50u)

struct process_scan {
	struct maps_reader *reader;
	bool has_proc;
	DIR *directory; /* NULL: all its processes were requested */
	uint32_t *put_off;
	size_t put_off_count;
	size_t put_off_capacity;
	size_t under_way;
	size_t again_count;
	uint64_t began_ns;
	uint64_t took_ns;       /* CPU time */
	struct user_use took;   /* that of each user; of very many users some are missing */
	bool leaves_rest;       /* users who were put off are not read */
	bool has_rest;          /* there are some */
	uint64_t rest_after_ns; /* when they may be read */
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

bool process_scan_begin(struct process_scan *scan, uint64_t now_ns)
{
	close_directory(scan);
	scan->put_off_count = 0;
	scan->again_count = 0;
	scan->began_ns = now_ns;
	scan->took_ns = 0;
	scan->took.count = 0;
	scan->leaves_rest = now_ns < scan->rest_after_ns;
	scan->has_rest = false;
	maps_reader_forget_use(scan->reader, scan->leaves_rest);
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

/* Those of users who are put off. */
static uint64_t most_took_ns(const struct process_scan *scan)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < scan->took.count; i++)
		if (scan->took.users[i].used > MAPS_READER_USER_NS)
			sum_ns += scan->took.users[i].used;
	return sum_ns;
}

void process_scan_note(struct process_scan *scan, const struct maps_result *result)
{
	scan->under_way -= scan->under_way > 0;
	scan->took_ns += result->took_ns;
	user_use_add(&scan->took, &result->found.user, result->took_ns, 0);
	if (!scan->leaves_rest)
		scan->rest_after_ns = scan->began_ns + NEXT_PER_CPU_TIME * most_took_ns(scan);
	if (result->status != SYMBOLS_REFUSED)
		return;
	if (scan->leaves_rest)
		scan->has_rest = true;
	else
		put_off(scan, result->request.pid);
}

void process_scan_again(struct process_scan *scan, uint32_t pid)
{
	if (scan->again_count++ < AGAIN_MAX)
		put_off(scan, pid);
	else
		scan->has_rest = true;
}

bool process_scan_is_under_way(const struct process_scan *scan)
{
	return scan->directory || scan->put_off_count > 0 || scan->under_way > 0;
}

uint64_t process_scan_next_ns(const struct process_scan *scan)
{
	/* To leave them out takes time, too. */
	const uint64_t apart_ns = scan->leaves_rest ? 0 : most_took_ns(scan);

	return scan->began_ns + NEXT_PER_CPU_TIME * (scan->took_ns - apart_ns);
}

uint64_t process_scan_rest_ns(const struct process_scan *scan)
{
	if (!scan->has_rest)
		return 0;
	return scan->rest_after_ns > process_scan_next_ns(scan) ? scan->rest_after_ns
								: process_scan_next_ns(scan);
}
