/* record/output/flight_window.h - the last part of a flight recording, in memory as finished blocks
 *
 * The recording consists of pieces. Each piece has a dedicated writer, so that it can be decoded
 * alone. All blocks are in one ring of memory of a fixed size. Whole pieces leave it, the oldest
 * first: when they are older than the window, which is no loss, or when the ring is full, which is
 * counted as dropped events.
 *
 * Example: --flight 64s,16M starts a piece every 4 s or every 1 MiB. After 68 s the first piece
 * ends before the window, and is removed. If the pieces of 64 s take more than 16 MiB, the oldest
 * one is dropped earlier, and its events are counted.
 */
#ifndef RECORD_OUTPUT_FLIGHT_WINDOW_H
#define RECORD_OUTPUT_FLIGHT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/common/clock.h"
#include <dz/sink.h>
#include <dz/status.h>
#include <dz/writer.h>

#define FLIGHT_WINDOW_BYTES_MIN (256u << 10)

/* A piece takes this part of the time or of the bytes of a window. */
#define FLIGHT_WINDOW_PIECES 16u

struct flight_window;

/* The start of a piece. */
struct flight_mark {
	struct clock_reading clock;
	uint64_t cpu_ns; /* CPU time of this process until then */
};

/* Events that were dropped although they were young enough. */
struct flight_drop {
	const char *kind; /* of the events; the window owns it */
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t count;
};

/* Creates a window of length_ns with at most bytes_max bytes of blocks. Memory is used only as
 * needed, and returned to the system. The caller must call flight_window_begin() first. Returns
 * NULL on allocation failure. */
struct flight_window *flight_window_new(uint64_t length_ns, size_t bytes_max);

/* NULL is allowed. */
void flight_window_free(struct flight_window *window);

/* Ends the current piece and starts another one, which needs a new writer. Returns false on
 * allocation failure. */
bool flight_window_begin(struct flight_window *window, const struct clock_reading *now);

/* Lets the current piece begin now instead, if it has no records but few readings of the clocks.
 * Otherwise returns false: then start another piece. Call when everything was flushed. */
bool flight_window_go_on(struct flight_window *window, const struct clock_reading *now);

/* Returns a sink for the writer of the current piece. It never fails: it drops and counts what does
 * not fit. */
struct dz_sink flight_window_sink(struct flight_window *window);

/* Counts the events of a lost record in the current piece. Borrows the name. */
void flight_window_note_loss(struct flight_window *window, const char *kind, uint64_t count);

/* Returns when the current piece has its part of the time of the window; 0: it has its part of the
 * bytes. CLOCK_BOOTTIME. */
uint64_t flight_window_due_ns(const struct flight_window *window);

/* Returns whether the current piece has its part of the time or bytes of the window. */
bool flight_window_is_due(const struct flight_window *window, uint64_t now_ns);

/* Removes the pieces that are older than the window; CLOCK_BOOTTIME. */
void flight_window_expire(struct flight_window *window, uint64_t now_ns);

/* Returns the time since which every event is in the window or counted, by a lost record or as
 * dropped. */
struct flight_mark flight_window_since(const struct flight_window *window);

/* Copies the pieces that have ended to a writer. Returns the status of dz_writer_copy(). */
DZ_MUST_CHECK enum dz_status flight_window_copy(const struct flight_window *window,
						struct dz_writer *writer);

/* Returns the drop with this index; false beyond the last. */
bool flight_window_drop(const struct flight_window *window, size_t index,
			struct flight_drop *ret_drop);

/* Returns how many events were lost or dropped since flight_window_since(). */
uint64_t flight_window_lost(const struct flight_window *window);

/* Returns the bytes of all blocks. */
size_t flight_window_bytes(const struct flight_window *window);

#endif
