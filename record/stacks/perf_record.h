/* record/stacks/perf_record.h - decodes the perf records of mappings, execs, forks and exits
 *
 * These are the records that perf_ring_open() requests. Any other record is PERF_RECORD_OTHER_KIND.
 */
#ifndef RECORD_STACKS_PERF_RECORD_H
#define RECORD_STACKS_PERF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"

/* The kernel's struct perf_event_header has 16 bits for the size. */
#define PERF_RECORD_MAX_BYTES 65536u

enum perf_record_kind {
	PERF_RECORD_OTHER_KIND,
	PERF_RECORD_MAPPED,   /* a mapping that is executable, or is no longer */
	PERF_RECORD_EXECUTED, /* the process executes another program: all mappings are gone */
	PERF_RECORD_FORKED,
	PERF_RECORD_ENDED, /* of a thread */
	PERF_RECORD_MISSED,
};

struct perf_record {
	enum perf_record_kind kind;
	uint64_t time_ns; /* of the clock of the ring */
	uint32_t pid;     /* process id */
	uint32_t tid;
	uint32_t parent_pid; /* of FORKED; for a new thread the same as pid */
	uint64_t missed;     /* of MISSED: records dropped before this one */
	uint64_t after_ns;   /* time of the previous record, set by perf_ring_drain() */
	/* of MAPPED */
	uint64_t start;
	uint64_t end;
	uint64_t file_offset;
	bool executable;
	struct file_identity identity;
	const char *path; /* points into the decoded bytes */
};

/* Decodes a record of `size_bytes` with its header. Returns false if it is not whole. */
MUST_CHECK bool perf_record_decode(const void *bytes, size_t size_bytes,
				   struct perf_record *ret_record);

#endif
