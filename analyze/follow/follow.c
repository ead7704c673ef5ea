/* analyze/follow/follow.c - shows the events of a recording while it is being made
 *
 * Events of one kind can reach the file before earlier ones of another kind. So an event is shown
 * when it is HOLD_NS old: by then those before it are in the file.
 */
#include "analyze/follow/follow.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyze/follow/live_lines.h"
#include "analyze/follow/next_files.h"
#include "analyze/json/json_report.h"
#include "analyze/replay/replay.h"

#define TICK_MS 50
/* Always on: fewer wake-ups. A record still comes within a second. */
#define TICK_JOURNAL_MS 200
/* While diag-record has nothing to record: it sends a message when the file grows again. */
#define TICK_QUIET_MS 10000
#define QUIET_NS      3000000000u
#define HOLD_NS       500000000u
#define NS_PER_S      1000000000u

/* A recorder has left a file that does not grow for 2 s after the next one exists. */
#define ABANDONED_NS 2000000000u

struct follow {
	const struct follow_options *options;
	struct live_lines *lines; /* NULL with JSON, and for the journal */
	struct json_report json;
	struct trace_file file; /* reader is NULL: not open */
	int fd;
	struct replay_feed *feed;
	struct visitor visitor;
	struct trace_event next; /* read but not shown */
	bool has_next;
	bool muted;          /* what is read was shown before */
	bool no_more;        /* files */
	bool same_clock;     /* as this machine */
	int next_fd;         /* -1: none */
	uint64_t size_bytes; /* of the file, as it was read */
	uint64_t quiet_ns;   /* CLOCK_BOOTTIME: when a file last grew */
	uint64_t next_ns;    /* when the next one was found */
	const char *problem;
	bool is_damaged;
};

/* Something of the recording was not read. */
static void note_gap(struct follow *follow)
{
	follow->is_damaged = true;
	if (follow->options->journal)
		journal_records_note_gap(follow->options->journal);
}

static enum follow_status fail(struct follow *follow, const char *problem)
{
	follow->problem = problem;
	return FOLLOW_FAILED;
}

static uint64_t ns_of(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void)
{
	return ns_of(CLOCK_BOOTTIME);
}

static uint64_t size_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_size > 0 ? (uint64_t)status.st_size : 0;
}

/* Returns 0 if there is none yet. */
static uint64_t last_event_ns(const struct follow *follow)
{
	uint64_t first, last;

	dz_reader_span(follow->file.reader, &first, &last);
	return last;
}

static void close_reader(struct follow *follow)
{
	size_t count = 0;

	if (!follow->file.reader)
		return;
	(void)dz_reader_damage(follow->file.reader, &count);
	if (count > 0 || !dz_reader_closed(follow->file.reader))
		note_gap(follow);
	replay_feed_free(follow->feed);
	follow->feed = NULL;
	json_report_release(&follow->json);
	dz_reader_close(follow->file.reader);
	follow->file.reader = NULL;
	follow->has_next = false;
}

static struct visitor visitor_of(struct follow *follow)
{
	if (follow->options->journal)
		return journal_records_visitor(follow->options->journal);
	return follow->lines ? live_lines_visitor(follow->lines)
			     : json_report_visitor(&follow->json);
}

static bool open_feed(struct follow *follow)
{
	const struct dz_file_header *header = dz_reader_header(follow->file.reader);
	struct time_range span = {.first_ns = header->realtime_ns, .last_ns = header->realtime_ns};
	uint64_t first, last;

	dz_reader_span(follow->file.reader, &first, &last);
	if (last)
		span.last_ns = dz_reader_realtime_ns(follow->file.reader, last);
	follow->json = json_report_new(follow->options->out, follow->options->stacks);
	follow->visitor = visitor_of(follow);
	follow->feed = replay_feed_new(follow->options->selection, &span, &follow->visitor, 1);
	follow->same_clock = memcmp(header->boot_id, follow->options->boot_id, 16) == 0;
	return follow->feed != NULL;
}

/* Opens the current file. TRUNCATED: too little of it is there. */
static enum dz_status open_reader(struct follow *follow)
{
	struct dz_source source;
	enum dz_status status = dz_source_file(follow->fd, &source);

	if (status == DZ_OK)
		status = dz_reader_follow(&source, NULL, &follow->file.reader);
	if (status != DZ_OK) {
		follow->file.reader = NULL;
		return status;
	}
	trace_file_describe(&follow->file);
	follow->size_bytes = source.size_bytes;
	if (last_event_ns(follow) || !follow->quiet_ns)
		follow->quiet_ns = now_ns();
	return open_feed(follow) ? DZ_OK : DZ_NO_MEMORY;
}

/* The first time, only the newest events are wanted. */
static enum dz_status skip_to_newest(struct follow *follow)
{
	struct dz_reader_options options = {0};
	uint64_t first, last;

	dz_reader_span(follow->file.reader, &first, &last);
	if (follow->options->last_ns == 0 || last <= follow->options->last_ns)
		return DZ_OK;
	options.since_ns = last - follow->options->last_ns;
	return dz_reader_rewind(follow->file.reader, &options);
}

static enum follow_status read_problem(struct follow *follow, enum dz_status status)
{
	static const char *const problems[] = {
		[DZ_NO_MEMORY] = "out of memory",
		[DZ_FOREIGN] = "not a .dz file: name a file written by diag-record",
		[DZ_UNSUPPORTED] = "needs a newer version of this program",
		[DZ_LIMIT] = "needs more memory than is allowed",
		[DZ_CORRUPT] = "header damaged, no part is readable",
		[DZ_IO] = "cannot read",
	};
	const bool is_known = (size_t)status < sizeof(problems) / sizeof(problems[0]);

	return fail(follow, is_known && problems[status] ? problems[status] : "cannot read");
}

/* Until when events can be shown. */
static uint64_t limit_ns(const struct follow *follow, bool is_whole)
{
	return is_whole || !follow->same_clock ? UINT64_MAX : now_ns() - HOLD_NS;
}

static enum dz_status look_at_next(struct follow *follow)
{
	enum dz_status status;

	if (follow->has_next)
		return DZ_OK;
	status = dz_reader_next(follow->file.reader, &follow->next.event);
	follow->has_next = status == DZ_OK;
	return status;
}

/* Shows the events up to the limit, which are in the file. */
static enum follow_status show_events(struct follow *follow, uint64_t limit)
{
	enum dz_status status;

	while ((status = look_at_next(follow)) == DZ_OK && follow->next.event.time_ns < limit) {
		follow->next.file = &follow->file;
		follow->next.unix_ns =
			dz_reader_realtime_ns(follow->file.reader, follow->next.event.time_ns);
		follow->has_next = false;
		if (replay_feed_event(follow->feed, &follow->next) == REPLAY_OK)
			continue;
		return ferror(follow->options->out) ? FOLLOW_FAILED : fail(follow, "out of memory");
	}
	return status == DZ_OK || status == DZ_END ? FOLLOW_OK : read_problem(follow, status);
}

static enum follow_status flush_output(struct follow *follow, uint64_t limit)
{
	if (follow->options->journal) {
		if (limit != UINT64_MAX)
			journal_records_advance(follow->options->journal,
						dz_reader_realtime_ns(follow->file.reader, limit));
		return FOLLOW_OK;
	}
	if (follow->lines && limit != UINT64_MAX)
		live_lines_advance(follow->lines,
				   dz_reader_realtime_ns(follow->file.reader, limit));
	if (!follow->lines && !json_report_flush(&follow->json))
		return FOLLOW_FAILED;
	return fflush(follow->options->out) == 0 ? FOLLOW_OK : FOLLOW_FAILED;
}

/* Reads what was added to the file. *ret_is_gone: its memory was freed, as the reader was slow. */
static enum dz_status grow(struct follow *follow, bool *ret_is_gone)
{
	enum dz_status status = DZ_OK;
	const uint64_t size = size_of(follow->fd);
	const uint64_t before = follow->size_bytes;

	*ret_is_gone = size < before;
	follow->size_bytes = size;
	if (size > before) {
		const uint64_t last_ns = last_event_ns(follow);

		status = dz_reader_grow(follow->file.reader, size);
		/* The end of a file alone is not reported, and brings nothing to show. */
		if (!dz_reader_closed(follow->file.reader) || last_event_ns(follow) != last_ns)
			follow->quiet_ns = now_ns();
		/* The COMMAND starts when the file exists already. */
		if (status == DZ_OK && follow->file.command_pid == 0)
			trace_file_describe(&follow->file);
	}
	return status;
}

/* Whether nothing more comes: the file is closed, or its recorder is gone or has left it. */
static bool is_over(const struct follow *follow)
{
	const uint64_t since_ns =
		follow->next_ns > follow->quiet_ns ? follow->next_ns : follow->quiet_ns;

	return dz_reader_closed(follow->file.reader) || follow->no_more ||
	       (follow->next_fd >= 0 && now_ns() - since_ns > ABANDONED_NS);
}

/* One look at the file. *ret_done: everything in it was shown. */
static enum follow_status tick(struct follow *follow, bool *ret_done)
{
	bool is_gone;
	enum dz_status status = grow(follow, &is_gone);
	enum follow_status result;
	uint64_t limit;

	if (status != DZ_OK)
		return read_problem(follow, status);
	*ret_done = is_gone || is_over(follow);
	if (is_gone)
		return FOLLOW_OK;
	limit = limit_ns(follow, *ret_done);
	result = show_events(follow, limit);
	if (result == FOLLOW_OK)
		result = flush_output(follow, limit);
	return result;
}

/* Whether there is no file, or everything in it was shown, and the recorder reports when there is
 * more. */
static bool is_quiet(const struct follow *follow)
{
	return follow->options->is_woken && (follow->file.reader || follow->fd < 0) &&
	       !follow->has_next && now_ns() - follow->quiet_ns >= QUIET_NS;
}

static int tick_ms_of(const struct follow *follow)
{
	if (is_quiet(follow))
		return TICK_QUIET_MS;
	return follow->options->journal ? TICK_JOURNAL_MS : TICK_MS;
}

/* Waits a moment, and takes the next file if it comes. */
static void wait_for_files(struct follow *follow)
{
	const int tick_ms = follow->options->journal ? TICK_JOURNAL_MS : TICK_MS;
	const struct timespec pause = {.tv_nsec = tick_ms * 1000000L};
	enum next_file found;

	if (follow->no_more || follow->next_fd >= 0) {
		(void)nanosleep(&pause, NULL);
		return;
	}
	found = next_files_receive(follow->options->socket, tick_ms_of(follow), &follow->next_fd);
	follow->no_more = found == NEXT_FILE_ENDED;
	if (follow->next_fd >= 0)
		follow->next_ns = now_ns();
	if (found == NEXT_FILE_GROWN)
		follow->quiet_ns = now_ns();
	if (found == NEXT_FILE_FOUND_LATER)
		note_gap(follow);
}

/* Opens the current file as soon as it can be read. *ret_open is false if it never can. */
static enum follow_status await_start(struct follow *follow, bool is_first, bool *ret_open)
{
	enum dz_status status;

	while ((status = open_reader(follow)) == DZ_TRUNCATED && !follow->no_more &&
	       follow->next_fd < 0)
		wait_for_files(follow);
	*ret_open = status == DZ_OK;
	if (status == DZ_OK && is_first)
		status = skip_to_newest(follow);
	if (status == DZ_TRUNCATED) {
		note_gap(follow);
		return FOLLOW_OK;
	}
	return status == DZ_OK ? FOLLOW_OK : read_problem(follow, status);
}

static enum follow_status follow_file(struct follow *follow, bool is_first)
{
	bool is_open = false, done = false;
	enum follow_status status = await_start(follow, is_first, &is_open);

	if (!is_open)
		return status;
	while (status == FOLLOW_OK && !done) {
		wait_for_files(follow);
		status = tick(follow, &done);
	}
	close_reader(follow);
	return status;
}

/* A window without events has no file for a long time: what is not in the journal is reported
 * nevertheless. */
static void await_file(struct follow *follow)
{
	while (follow->next_fd < 0 && !follow->no_more) {
		wait_for_files(follow);
		if (follow->options->journal)
			journal_records_advance(follow->options->journal,
						ns_of(CLOCK_REALTIME) - HOLD_NS);
	}
}

static enum follow_status follow_files(struct follow *follow)
{
	enum follow_status status = FOLLOW_OK;
	bool is_first = true;

	for (;;) {
		if (follow->fd >= 0) {
			status = follow_file(follow, is_first);
			is_first = false;
			(void)close(follow->fd);
			follow->fd = -1;
		}
		if (status == FOLLOW_OK)
			await_file(follow);
		follow->fd = follow->next_fd;
		follow->next_fd = -1;
		if (status != FOLLOW_OK || follow->fd < 0)
			return status;
	}
}

enum follow_status follow_run(const struct follow_options *options, int fd,
			      const char **ret_problem)
{
	const struct live_lines_options line_options = {
		.out = options->out,
		.all = options->all,
		.utc = options->selection->utc,
	};
	struct follow follow = {
		.options = options,
		.file = {.path = options->path},
		.fd = fd,
		.next_fd = -1,
	};
	enum follow_status status = FOLLOW_OK;

	if (!options->json && !options->journal) {
		follow.lines = live_lines_new(&line_options);
		if (!follow.lines)
			status = fail(&follow, "out of memory");
		else
			live_lines_begin(follow.lines);
	}
	if (status == FOLLOW_OK)
		status = follow_files(&follow);
	close_reader(&follow);
	if (follow.lines)
		live_lines_advance(follow.lines, UINT64_MAX);
	if (options->journal)
		journal_records_advance(options->journal, UINT64_MAX);
	live_lines_free(follow.lines);
	*ret_problem = follow.problem;
	return status == FOLLOW_OK && follow.is_damaged ? FOLLOW_INCOMPLETE : status;
}
