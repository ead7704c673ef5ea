/* record/output/flight_window.c - the last part of a flight recording, in memory as finished blocks
 *
 * A block is never divided. One that does not fit before the end of the ring is stored at its
 * start, so that a piece consists of at most two ranges.
 *
 * Example: the ring has 100 bytes, and the current piece has blocks of 25 bytes at 40 and at 65.
 * The next block of 25 bytes does not fit into 90..99, and is stored at 0. If the oldest piece
 * starts before 25, that piece is dropped first. The ranges of the current piece are 40..89 and
 * 0..24.
 */
#include "record/output/flight_window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "format/block_header.h"

#define FLIGHT_KINDS_MAX 24u

/* Drops within a sixteenth of the window are added up, so that their number is limited. */
#define FLIGHT_DROPS_MAX (2 * FLIGHT_WINDOW_PIECES)

/* Blocks of clocks in a piece without events that goes on: they may be out of date. */
#define FLIGHT_CLOCKS_MAX 32u

struct kind_count {
	const char *kind;
	uint64_t count;
};

struct kind_counts {
	struct kind_count of[FLIGHT_KINDS_MAX];
};

/* Times of the first and the last event; last_ns 0: not known. */
struct span {
	uint64_t first_ns;
	uint64_t last_ns;
};

struct range {
	size_t start;
	size_t bytes;
};

struct piece {
	struct piece *newer;
	struct flight_mark begin;
	uint64_t end_ns;        /* CLOCK_BOOTTIME; not known of the current piece */
	struct range ranges[2]; /* the second one at the start of the ring */
	struct span span;       /* of the events */
	struct kind_counts events;
	struct kind_counts lost;
	unsigned int clocks; /* blocks of them */
	bool has_records;    /* other than of the file itself */
	bool is_spoiled;     /* its start was dropped: nothing more of it is stored */
};

/* Dropped events of one or several pieces. */
struct dropped {
	struct flight_mark begin;
	uint64_t end_ns;
	struct span span;
	struct kind_counts events;
};

struct flight_window {
	uint64_t length_ns;
	uint8_t *ring;
	size_t capacity;
	size_t head; /* where the next block is stored, if it fits */
	struct piece *oldest;
	struct piece *current;
	struct dropped drops[FLIGHT_DROPS_MAX]; /* the oldest first */
	size_t drop_count;
};

/* There are fewer kinds than entries. If that changes, the last entry counts all other kinds. */
static void kind_counts_add(struct kind_counts *kind_counts, const char *kind, uint64_t count)
{
	struct kind_count *kind_count = kind_counts->of;

	while (kind_count->kind && strcmp(kind_count->kind, kind) != 0 &&
	       kind_count < &kind_counts->of[FLIGHT_KINDS_MAX - 1])
		kind_count++;
	if (!kind_count->kind)
		kind_count->kind = kind;
	kind_count->count += count;
}

static void kind_counts_add_all(struct kind_counts *kind_counts, const struct kind_counts *others)
{
	for (size_t i = 0; i < FLIGHT_KINDS_MAX && others->of[i].kind; i++)
		kind_counts_add(kind_counts, others->of[i].kind, others->of[i].count);
}

static uint64_t kind_counts_sum(const struct kind_counts *kind_counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < FLIGHT_KINDS_MAX; i++)
		sum += kind_counts->of[i].count;
	return sum;
}

static void span_add(struct span *span, const struct span *other)
{
	if (other->last_ns == 0)
		return;
	if (span->last_ns == 0 || other->first_ns < span->first_ns)
		span->first_ns = other->first_ns;
	if (other->last_ns > span->last_ns)
		span->last_ns = other->last_ns;
}

struct flight_window *flight_window_new(uint64_t length_ns, size_t bytes_max)
{
	struct flight_window *window = calloc(1, sizeof(*window));

	if (!window)
		return NULL;
	window->length_ns = length_ns;
	window->capacity = bytes_max;
	window->ring = mmap(NULL, bytes_max, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (window->ring == MAP_FAILED) {
		free(window);
		return NULL;
	}
	return window;
}

static size_t bytes_of(const struct piece *piece)
{
	return piece->ranges[0].bytes + piece->ranges[1].bytes;
}

/* Returns whole pages to the system. A page shared with another block is returned with that one. */
static void release_range(const struct flight_window *window, const struct range *range)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t first = (range->start + page - 1) / page * page;
	size_t end = (range->start + range->bytes) / page * page;

	if (range->bytes && end > first)
		(void)madvise(window->ring + first, end - first, MADV_DONTNEED);
}

static void release_piece(const struct flight_window *window, struct piece *piece)
{
	for (size_t i = 0; i < 2; i++) {
		release_range(window, &piece->ranges[i]);
		piece->ranges[i].bytes = 0;
	}
}

static void remove_oldest(struct flight_window *window)
{
	struct piece *piece = window->oldest;

	release_piece(window, piece);
	window->oldest = piece->newer;
	if (window->current == piece)
		window->current = NULL;
	free(piece);
}

void flight_window_free(struct flight_window *window)
{
	if (!window)
		return;
	while (window->oldest)
		remove_oldest(window);
	(void)munmap(window->ring, window->capacity);
	free(window);
}

/* Also counts the losses of the piece itself, because its lost records go with it. */
static void count_as_dropped(struct flight_window *window, struct piece *piece, uint64_t end_ns)
{
	const uint64_t part_ns = window->length_ns / FLIGHT_WINDOW_PIECES;
	struct dropped *last = window->drop_count ? &window->drops[window->drop_count - 1] : NULL;

	if (!last || (piece->begin.clock.boottime_ns - last->begin.clock.boottime_ns >= part_ns &&
		      window->drop_count < FLIGHT_DROPS_MAX)) {
		last = &window->drops[window->drop_count++];
		*last = (struct dropped){.begin = piece->begin};
	}
	last->end_ns = end_ns;
	span_add(&last->span, &piece->span);
	kind_counts_add_all(&last->events, &piece->events);
	kind_counts_add_all(&last->events, &piece->lost);
	piece->events = piece->lost = (struct kind_counts){0};
	piece->span = (struct span){0};
}

static uint64_t own_cpu_ns(void)
{
	struct timespec used = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

bool flight_window_go_on(struct flight_window *window, const struct clock_reading *now)
{
	struct piece *current = window->current;

	if (current->is_spoiled || current->has_records || current->clocks > FLIGHT_CLOCKS_MAX)
		return false;
	current->begin = (struct flight_mark){.clock = *now, .cpu_ns = own_cpu_ns()};
	return true;
}

bool flight_window_begin(struct flight_window *window, const struct clock_reading *now)
{
	struct piece *piece = calloc(1, sizeof(*piece));
	struct piece *ended = window->current;

	if (!piece)
		return false;
	piece->begin = (struct flight_mark){.clock = *now, .cpu_ns = own_cpu_ns()};
	if (ended) {
		ended->end_ns = now->boottime_ns;
		ended->newer = piece;
		if (ended->is_spoiled)
			count_as_dropped(window, ended, ended->end_ns);
	} else {
		window->oldest = piece;
	}
	window->current = piece;
	return true;
}

/* Looks for space between `head` and the oldest piece that has any bytes. */
static bool find_space(struct flight_window *window, size_t size, size_t *ret_start)
{
	const struct piece *oldest = window->oldest;

	while (oldest && oldest->ranges[0].bytes == 0)
		oldest = oldest->newer;
	*ret_start = window->head;
	if (!oldest) {
		*ret_start = 0;
		return size <= window->capacity;
	}
	if (window->head <= oldest->ranges[0].start)
		return oldest->ranges[0].start - window->head >= size;
	if (window->capacity - window->head >= size)
		return true;
	*ret_start = 0;
	return oldest->ranges[0].start >= size;
}

/* Drops the oldest piece. If only the current one is left, drops its start, without which the rest
 * cannot be read. */
static void drop_oldest(struct flight_window *window, struct piece *current)
{
	struct piece *oldest = window->oldest;

	if (oldest && oldest != current) {
		count_as_dropped(window, oldest, oldest->end_ns);
		remove_oldest(window);
		return;
	}
	release_piece(window, current);
	current->is_spoiled = true;
}

static void put(struct flight_window *window, size_t start, const struct iovec *pieces, int count)
{
	struct piece *piece = window->current;
	struct range *range = &piece->ranges[0];

	if (range->bytes == 0)
		range->start = start;
	else if (start < range->start || piece->ranges[1].bytes)
		range = &piece->ranges[1];
	window->head = start;
	for (int i = 0; i < count; i++) {
		memcpy(window->ring + window->head, pieces[i].iov_base, pieces[i].iov_len);
		window->head += pieces[i].iov_len;
		range->bytes += pieces[i].iov_len;
	}
}

/* Histograms do not count as events: each file gets all of them again. */
static void count_events(struct flight_window *window, const struct iovec *header_bytes)
{
	const struct dz_kind_schema *kind;
	struct dz_block_header header;

	if (header_bytes->iov_len != DZ_BLOCK_HEADER_BYTES ||
	    dz_block_header_decode(header_bytes->iov_base, &header) != DZ_OK)
		return;
	window->current->clocks += header.kind == DZ_KIND_CLOCK;
	window->current->has_records |= header.kind > DZ_KIND_CLOCK;
	if (header.kind < DZ_KIND_FIRST_EVENT || header.kind == DZ_KIND_SECTION_HISTOGRAM)
		return;
	kind = dz_schema_find(header.kind);
	if (!kind)
		return;
	kind_counts_add(&window->current->events, kind->name, header.records);
	span_add(&window->current->span, &(struct span){header.first, header.last});
}

/* A block comes as header and payload, a file header alone. Every piece starts with a file header,
 * which is not stored: the file that the piece is copied to has its own. */
static enum dz_status take(void *context, const struct iovec *pieces, int count)
{
	struct flight_window *window = context;
	struct piece *current = window->current;
	size_t size = 0, start;

	if (count < 2)
		return DZ_OK;
	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	count_events(window, &pieces[0]);
	while (!current->is_spoiled && !find_space(window, size, &start))
		drop_oldest(window, current);
	if (!current->is_spoiled)
		put(window, start, pieces, count);
	return DZ_OK;
}

struct dz_sink flight_window_sink(struct flight_window *window)
{
	return (struct dz_sink){.context = window, .write = take};
}

void flight_window_note_loss(struct flight_window *window, const char *kind, uint64_t count)
{
	kind_counts_add(&window->current->lost, kind, count);
}

uint64_t flight_window_due_ns(const struct flight_window *window)
{
	const struct piece *current = window->current;

	if (current->is_spoiled || bytes_of(current) >= window->capacity / FLIGHT_WINDOW_PIECES)
		return 0;
	return current->begin.clock.boottime_ns + window->length_ns / FLIGHT_WINDOW_PIECES;
}

bool flight_window_is_due(const struct flight_window *window, uint64_t now_ns)
{
	return now_ns >= flight_window_due_ns(window);
}

void flight_window_expire(struct flight_window *window, uint64_t now_ns)
{
	const uint64_t oldest_ns = now_ns > window->length_ns ? now_ns - window->length_ns : 0;
	size_t gone = 0;

	while (window->oldest != window->current && window->oldest->end_ns < oldest_ns)
		remove_oldest(window);
	while (gone < window->drop_count && window->drops[gone].end_ns < oldest_ns)
		gone++;
	window->drop_count -= gone;
	memmove(window->drops, window->drops + gone, window->drop_count * sizeof(window->drops[0]));
}

struct flight_mark flight_window_since(const struct flight_window *window)
{
	if (window->drop_count &&
	    window->drops[0].begin.clock.boottime_ns < window->oldest->begin.clock.boottime_ns)
		return window->drops[0].begin;
	return window->oldest->begin;
}

enum dz_status flight_window_copy(const struct flight_window *window, struct dz_writer *writer)
{
	enum dz_status status = DZ_OK;

	for (const struct piece *piece = window->oldest;
	     piece != window->current && status == DZ_OK; piece = piece->newer) {
		struct iovec ranges[2];

		for (size_t i = 0; i < 2; i++)
			ranges[i] = (struct iovec){window->ring + piece->ranges[i].start,
						   piece->ranges[i].bytes};
		status = dz_writer_copy(writer, ranges, 2);
	}
	return status;
}

static struct flight_drop drop_of(const struct dropped *dropped,
				  const struct kind_count *kind_count)
{
	struct flight_drop drop = {
		.kind = kind_count->kind,
		.first_ns = dropped->begin.clock.boottime_ns,
		.last_ns = dropped->end_ns,
		.count = kind_count->count,
	};

	if (dropped->span.last_ns) {
		drop.first_ns = dropped->span.first_ns;
		drop.last_ns = dropped->span.last_ns;
	}
	return drop;
}

bool flight_window_drop(const struct flight_window *window, size_t index,
			struct flight_drop *ret_drop)
{
	for (size_t i = 0; i < window->drop_count * FLIGHT_KINDS_MAX; i++) {
		const struct dropped *dropped = &window->drops[i / FLIGHT_KINDS_MAX];
		const struct kind_count *kind_count = &dropped->events.of[i % FLIGHT_KINDS_MAX];

		if (kind_count->count == 0 || index-- > 0)
			continue;
		*ret_drop = drop_of(dropped, kind_count);
		return true;
	}
	return false;
}

uint64_t flight_window_lost(const struct flight_window *window)
{
	uint64_t lost = 0;

	for (const struct piece *piece = window->oldest; piece; piece = piece->newer)
		lost += kind_counts_sum(&piece->lost);
	for (size_t i = 0; i < window->drop_count; i++)
		lost += kind_counts_sum(&window->drops[i].events);
	return lost;
}

size_t flight_window_bytes(const struct flight_window *window)
{
	size_t bytes = 0;

	for (const struct piece *piece = window->oldest; piece; piece = piece->newer)
		bytes += bytes_of(piece);
	return bytes;
}
