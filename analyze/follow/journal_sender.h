/* analyze/follow/journal_sender.h - a helper process that sends records to the journal of systemd
 *
 * The reader of a trace is in its sandbox. This process reads no trace: it takes finished records
 * over a socket, and calls sd_journal_sendv(). It stays root, without capabilities, as the journal
 * believes only root which process and unit a record is about.
 */
#ifndef ANALYZE_FOLLOW_JOURNAL_SENDER_H
#define ANALYZE_FOLLOW_JOURNAL_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Records that are larger are not sent. */
#define JOURNAL_SENDER_BYTES_MAX 16384u

struct journal_sender {
	int socket;
	uint64_t silent_until_ns; /* CLOCK_MONOTONIC; the journal takes nothing until then */
};

/* Starts the process, which closes `other_socket`. It ends when its parent has. Returns false and
 * sets errno on failure: ENOSYS if the program was built without libsystemd. */
bool journal_sender_start(int other_socket, struct journal_sender *ret_sender);

/* Sends a record; see journal_records.h for its form. Waits for the journal for half a second.
 * Returns false if the journal did not take it by then, or did not take one in the last 5 s. */
bool journal_sender_send(struct journal_sender *sender, const char *record, size_t bytes);

/* Ends the process, and waits for that: a service manager would report it as left over. */
void journal_sender_end(struct journal_sender *sender);

#endif
