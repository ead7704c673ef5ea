/* bpf/unwind.bpf.h - walks user stacks by tables of call frame information
 *
 * Programs do not copy a stack that can be walked here: its frames are sent once a second, and
 * events refer to them by their hash. The walk is done for the running task. With interrupts off,
 * the kernel takes the lock of its mappings once only. Where it counts their changes, programs read
 * the tree of mappings without the lock.
 */
#ifndef BPF_UNWIND_BPF_H
#define BPF_UNWIND_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define UNWIND_CACHE_ROWS   1024 /* a power of two */
#define UNWIND_WINDOW_WORDS 32   /* a power of two; 256 bytes */
#define UNWIND_RESEND_NS    1000000000ull
#define UNWIND_MAPPINGS     256 /* a power of two, as is the next one */
#define UNWIND_SPACES       32
#define UNWIND_NODE_WORDS   32 /* a power of two */
/* After this time a file is looked up again: it may have been changed in place. While mappings are
 * being changed, those that are known are used for longer. */
#define UNWIND_MAPPINGS_NS     100000000ull
#define UNWIND_MAPPINGS_MAX_NS 10000000000ull

/* With its rule, which never changes: one line of the cache of the processor has all of it. */
struct unwind_cached_row {
	__u32 file;
	__u32 delta;
	__u32 number; /* of the rule; 0: empty */
	__u32 reserved;
	struct unwind_block_rule rule;
};

/* The part of a mapping that is one segment of a file with a table. */
struct unwind_mapped {
	__u64 start;
	__u64 end;
	__u64 delta;    /* added to an address in it: the address in the table */
	__u64 use;      /* unwind_space::use, else the mapping is of another space */
	__u64 since_ns; /* when it was found; CLOCK_BOOTTIME */
	__u32 file;     /* number of the table */
	__u32 reserved;
};

/* An executable mapping of the running task. */
struct unwind_mapping {
	__u64 start;
	__u64 end;
	__u64 file_offset; /* of start */
	struct unwind_file_key key;
	__u32 is_found;
	__u32 has_file;
};

/* The memory whose mappings are known. */
struct unwind_space {
	__u64 memory; /* address of its struct mm_struct, which is used again after its end */
	__u64 number; /* core_memory_number(); 0: the next two tell it from others */
	__u64 process_start_ns;
	__u64 exec_count;
	__u64 use;     /* another one for each space */
	__u32 version; /* of its mappings: core_mappings_version() */
	__u32 reserved;
};

/* One walk. */
struct unwind_state {
	__u64 pc;
	__u64 sp;
	__u64 bp;
	__u64 link; /* the register with the return address; 0: the machine has none */
	__u64 hash;
	__u64 now_ns;                /* CLOCK_BOOTTIME */
	struct unwind_mapped mapped; /* the current one */
	__u64 window;                /* address of words[0]; 0: none */
	__u32 count;                 /* of frames */
	__u32 is_exact;
	__u32 is_bp_lost;
	__u64 words[UNWIND_WINDOW_WORDS];
	__u64 frames[UNWIND_DEPTH_MAX + 1];
	struct unwind_cached_row cache[UNWIND_CACHE_ROWS];
	__u64 use;  /* of the current space */
	__u64 uses; /* so far */
	struct unwind_space spaces[UNWIND_SPACES];
	struct unwind_mapped known[UNWIND_MAPPINGS];
	__u64 entry; /* of the tree of mappings */
	__u64 node[UNWIND_NODE_WORDS];
	__u64 lacking_address; /* of a frame whose file has no table; 0: none */
	struct unwind_file_key lacking;
};

extern const volatile struct unwind_settings unwind_settings;

struct unwind_chain_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, UNWIND_CHAINS_MAX);
	__type(key, __u64);
	__type(value, __u64); /* when it was sent; CLOCK_BOOTTIME */
};

struct unwind_count_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, UNWIND_WALK_END_COUNT);
	__type(key, __u32);
	__type(value, __u64);
};

extern struct unwind_chain_map unwind_chains SEC(".maps");
extern struct unwind_count_map unwind_counts SEC(".maps");

/* Walks the stack of the running task from pc, sp and bp of the state, at its now_ns. Returns enum
 * unwind_walk_end. Neither inlined nor static, so that the verifier checks it once
 * (unwind.bpf.c). */
int unwind_walk(struct unwind_state *state);

/* Whether the frames of a chain were sent less than UNWIND_RESEND_NS ago. */
static __always_inline bool unwind_chain_is_sent(__u64 hash, __u64 now_ns)
{
	__u64 *sent_ns = bpf_map_lookup_elem(&unwind_chains, &hash);

	return sent_ns && now_ns - *sent_ns < UNWIND_RESEND_NS;
}

static __always_inline void unwind_chain_note(__u64 hash, __u64 now_ns)
{
	bpf_map_update_elem(&unwind_chains, &hash, &now_ns, BPF_ANY);
}

#endif
