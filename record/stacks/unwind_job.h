/* record/stacks/unwind_job.h - a user stack that waits to be unwound */
#ifndef RECORD_STACKS_UNWIND_JOB_H
#define RECORD_STACKS_UNWIND_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/stacks/file_reader.h"
#include "record/stacks/jit_maps.h"
#include "record/stacks/mapping_set.h"
#include "symbols/registers.h"
#include "symbols/unwind.h"

/* A stack as it was copied, or as a BPF program has walked it, or both. */
struct unwind_job {
	uint64_t stack_copy_id; /* chosen by the submitter */
	uint64_t deadline_ns;   /* CLOCK_BOOTTIME; dropped if not started by then */
	struct file_user user;  /* of the process */
	struct mapping_set *set;
	struct jit_map *jit_map;              /* names of generated code; NULL: none */
	const struct register_layout *layout; /* set by unwind_job_new(): of this machine */
	struct registers registers;
	uint64_t address; /* of bytes[0] */
	bool whole;       /* the bytes reach the end of the stack's mapping */
	struct other_stack others[UNWIND_OTHERS_MAX]; /* their bytes are in bytes[] */
	size_t size_bytes;                            /* of bytes[] */
	size_t stack_bytes;                           /* of them, from `address` up */
	size_t frame_count;       /* addresses with UNWIND_FRAME_..., at the end of bytes[] */
	uint64_t lacking_address; /* in a file without a table; 0: none */
	struct unwind_file_key lacking;
	bool is_comparison; /* of frames with the bytes; no chain is wanted */
	struct unwind_job *next;
	uint8_t bytes[];
};

/* Returns NULL on allocation failure. */
struct unwind_job *unwind_job_new(size_t size_bytes);
/* Also releases the references to the set and the map. NULL is allowed. */
void unwind_job_free(struct unwind_job *job);

#endif
