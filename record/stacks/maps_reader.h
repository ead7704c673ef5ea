/* record/stacks/maps_reader.h - reads mappings of processes on the thread of the file reader
 *
 * The text of /proc/PID/maps needs a lock of the process's memory, which the process can hold for
 * as long as it wants. So a helper process reads it, and only the thread of the file reader waits
 * for that, in time. One thread requests and takes.
 */
#ifndef RECORD_STACKS_MAPS_READER_H
#define RECORD_STACKS_MAPS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/file_reader.h"
#include "record/stacks/process_maps.h"
#include "symbols/status.h"

#define MAPS_READER_MAX 32u /* requests under way */

/* CPU time for the mappings of one user in a scan. After that, processes of other users come first.
 */
#define MAPS_READER_USER_NS UINT64_C(100000000)

struct maps_request {
	uint32_t pid;
	bool is_urgent;   /* goes before what waits */
	bool can_put_off; /* returns REFUSED if the user has used up MAPS_READER_USER_NS */
};

struct maps_result {
	struct maps_request request;
	uint64_t requested_ns;
	/* REFUSED: put off. TIMEOUT: not read in time. NOT_FOUND: it has ended, or has no user
	 * memory. */
	enum symbols_status status;
	struct process_found found; /* with files that belong to no cache */
	uint64_t took_ns;           /* CPU time of the thread */
};

struct maps_reader;

/* Borrows both: the thread of `files` must have ended before maps_reader_free(), and the account
 * must outlive all sets. Returns NULL on allocation failure. */
struct maps_reader *maps_reader_new(struct file_reader *files, struct mapping_account *account);
/* NULL is allowed. */
void maps_reader_free(struct maps_reader *reader);

/* Returns a descriptor that is readable when less than half of the requests wait and some have
 * ended. The reader owns it. */
int maps_reader_descriptor(const struct maps_reader *reader);

/* Has the mappings read. Returns false if MAPS_READER_MAX are under way, or on failure. */
bool maps_reader_request(struct maps_reader *reader, const struct maps_request *request);

/* Takes a request that has ended. The caller must release ret_result->found.set if the status is
 * OK. Returns false if there is none. */
bool maps_reader_take(struct maps_reader *reader, struct maps_result *ret_result);

/* Returns the number of requests that were not taken yet. */
size_t maps_reader_count(struct maps_reader *reader);

/* Returns when the oldest of them was made; UINT64_MAX: there is none. CLOCK_BOOTTIME. */
uint64_t maps_reader_since_ns(struct maps_reader *reader);

/* Begins to count the CPU time of each user anew; `but_most`: not of those who are put off. */
void maps_reader_forget_use(struct maps_reader *reader, bool but_most);

/* Returns the number of processes with a request that was not taken yet, and their IDs. */
size_t maps_reader_pids(struct maps_reader *reader, uint32_t pids[MAPS_READER_MAX]);

/* Waits until a request has ended that was not taken yet, at most for this time. */
void maps_reader_wait(struct maps_reader *reader, uint64_t wait_ns);

#endif
