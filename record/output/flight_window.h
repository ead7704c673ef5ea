/* record/output/flight_window.h - the last seconds of a recording, kept in memory as finished
 * blocks
 *
 * The recording is made of pieces, each with a writer of its own that begins and ends with it, so
 * that each can be decoded alone. Blocks lie in one ring of memory of a fixed size. Pieces leave it
 * whole and the oldest first: when all in them is older than the window is long, which is no loss,
 * or because the ring is full, which is counted as one.
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

/* A window is made of about so many pieces, by time and by bytes. */
#define FLIGHT_WINDOW_PIECES 16u

struct flight_window;

/* The beginning of a piece. */
struct flight_mark {
	struct clock_reading clock;
	uint64_t cpu_ns; /* that this process had used */
};

/* What was dropped although it was young enough. */
struct flight_drop {
	const char *kind; /* of the events, borrowed as long as the window lives */
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t count;
};

/* At most bytes_max bytes of blocks, for length_ns. Memory is used as it is needed, and given back.
 * flight_window_begin() has to come before all else. NULL if there is none. */
struct flight_window *flight_window_new(uint64_t length_ns, size_t bytes_max);

/* NULL is allowed. */
void flight_window_free(struct flight_window *window);

/* The present piece ends and another one begins, into which a writer of its own has to write. False
 * without memory. */
bool flight_window_begin(struct flight_window *window, const struct clock_reading *now);

/* Takes what a writer writes. It never fails: what there is no room for is counted. */
struct dz_sink flight_window_sink(struct flight_window *window);

/* Counts events that were lost before they came here, as a row of the present piece says. The name
 * is borrowed. */
void flight_window_note_loss(struct flight_window *window, const char *kind, uint64_t count);

/* Whether the present piece has its part of the window's time or bytes. */
bool flight_window_is_due(const struct flight_window *window, uint64_t now_ns);

/* Drops what is too old, CLOCK_BOOTTIME. */
void flight_window_expire(struct flight_window *window, uint64_t now_ns);

/* Whatever has happened since then is in the window, or is counted: by a row in it, or as a drop.
 */
struct flight_mark flight_window_since(const struct flight_window *window);

/* Copies the pieces that have ended; see dz_writer_copy(). */
DZ_MUST_CHECK enum dz_status flight_window_copy(const struct flight_window *window,
						struct dz_writer *writer);

/* The drops there are, by index; false beyond the last. */
bool flight_window_drop(const struct flight_window *window, size_t index,
			struct flight_drop *ret_drop);

/* All that were lost or dropped since flight_window_since(). */
uint64_t flight_window_lost(const struct flight_window *window);

/* Bytes of blocks that are kept. */
size_t flight_window_bytes(const struct flight_window *window);

#endif
