/* record/stacks/perf_record.h - the records of the kernel's perf rings that tell what is mapped
 * where
 *
 * Decodes what perf_ring_open() asks the kernel for; every other record is
 * PERF_RECORD_OTHER_KIND.
 */
#ifndef RECORD_STACKS_PERF_RECORD_H
#define RECORD_STACKS_PERF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"

/* The kernel's struct perf_event_header has 16 bits for the size. */
#define PERF_RECORD_MAX_BYTES 65536u

enum perf_record_what {
	PERF_RECORD_OTHER_KIND,
	PERF_RECORD_MAPPED,   /* an executable mapping, or one that is no longer executable */
	PERF_RECORD_EXECUTED, /* the process runs another program: its old mappings are gone */
	PERF_RECORD_FORKED,
	PERF_RECORD_ENDED, /* a thread */
	PERF_RECORD_MISSED,
};

struct perf_record {
	enum perf_record_what what;
	uint64_t time_ns; /* of the clock that the ring was opened with */
	uint32_t pid;     /* process id */
	uint32_t tid;
	uint32_t parent_pid; /* of FORKED; for a new thread the same as pid */
	uint64_t missed;     /* of MISSED: how many records had no room before this one */
	uint64_t after_ns;   /* time of the record before it, filled in by perf_ring_drain() */
	/* of MAPPED */
	uint64_t start;
	uint64_t end;
	uint64_t file_offset;
	bool executable;
	struct file_identity identity;
	const char *path; /* within the bytes that were decoded */
};

/* False if the bytes, `size_bytes` of them with the header, are not a whole record. */
MUST_CHECK bool perf_record_decode(const void *bytes, size_t size_bytes,
				   struct perf_record *ret_record);

#endif
