/* bpf/unwind.h - the tables of call frame information in BPF maps; part of event.h
 *
 * User space fills the maps while programs use them. A file is added by its blocks, then its pages,
 * then its entry in unwind_files; it is removed in the other order. Numbers of files are not used
 * again.
 */
#ifndef BPF_UNWIND_H
#define BPF_UNWIND_H

#define UNWIND_FILES_MAX    8192
#define UNWIND_BLOCKS_MAX   28672 /* the kernel takes 2 KiB for each: 56 MiB */
#define UNWIND_PAGES_MAX    65536
#define UNWIND_CHAINS_MAX   8192
#define UNWIND_BLOCK_ROWS   256 /* a power of two */
#define UNWIND_PAGE_SHIFT   16  /* a page is 64 KiB of text */
#define UNWIND_PAGE_BLOCKS  32
#define UNWIND_SEGMENTS_MAX 4
#define UNWIND_DEPTH_MAX    127
#define UNWIND_RULE_COUNT   16384 /* UNWIND_RULES_MAX of symbols/unwind_rows.h */

/* Identifies contents of a file: a changed file has another key. That of the vDSO is all zeros. */
struct unwind_file_key {
	__u64 inode;
	__u64 size_bytes;
	__s64 changed_s; /* time of the last change of its contents */
	__u32 changed_ns;
	__u32 device; /* as the kernel encodes it */
};

struct unwind_segment {
	__u64 file_offset;
	__u64 size_bytes; /* 0: no more segments */
	__u64 delta;      /* of file_offset: its address as linked, minus the base of the rows */
};

struct unwind_file {
	__u64 used_ns; /* by the programs; CLOCK_MONOTONIC */
	__u32 number;
	__u32 reserved;
	struct unwind_segment segments[UNWIND_SEGMENTS_MAX]; /* executable ones */
};

struct unwind_page_key {
	__u32 file;
	__u32 page; /* delta >> UNWIND_PAGE_SHIFT */
};

/* The lower 16 bits of the first row of each block. The first one is 0. */
struct unwind_page {
	__u16 count;
	__u16 first[UNWIND_PAGE_BLOCKS];
	__u16 reserved;
};

struct unwind_block_key {
	__u32 file;
	__u16 page;
	__u16 block;
};

struct unwind_block_row {
	__u16 low; /* 16 bits of the address */
	__u16 rule;
};

/* Rows by address. Unused ones at the end repeat the last one. */
struct unwind_block {
	struct unwind_block_row rows[UNWIND_BLOCK_ROWS];
};

/* As struct unwind_rule of symbols/unwind_rows.h. */
struct unwind_block_rule {
	__u8 kind;
	__u8 is_bp;
	__u8 bp_kind;
	__u8 link_kind;
	__s32 cfa_offset;
	__s32 bp_offset;
	__s32 addend;
};

/* How a walk ended. Only COMPLETE is recorded; else the stack is copied. */
enum unwind_walk_end {
	UNWIND_WALK_GOES_ON,
	UNWIND_WALK_COMPLETE,
	UNWIND_WALK_NO_MAPPING,    /* not in an executable mapping */
	UNWIND_WALK_NO_FILE,       /* JIT code */
	UNWIND_WALK_UNKNOWN_FILE,  /* no table yet */
	UNWIND_WALK_BUSY,          /* the mappings of the process are being changed */
	UNWIND_WALK_NO_RULE,       /* no call frame information */
	UNWIND_WALK_OTHER_RULE,    /* UNWIND_RULE_OTHER */
	UNWIND_WALK_LOST_REGISTER, /* a rule needs a frame pointer that was lost */
	UNWIND_WALK_UNREADABLE,    /* memory of the stack */
	UNWIND_WALK_DAMAGED,       /* the stack does not go up */
	UNWIND_WALK_TOO_DEEP,      /* UNWIND_DEPTH_MAX */
	UNWIND_WALK_END_COUNT,
};

/* Bits of a frame of struct event_user_stack, above its address. */
#define UNWIND_FRAME_IS_EXACT  (1ull << 63) /* no return address */
#define UNWIND_FRAME_IS_SIGNAL (1ull << 62) /* the return path of a signal handler */
#define UNWIND_FRAME_ADDRESS   ((1ull << 62) - 1)

/* A stack_copy_id with this bit is the hash of a chain of frames. */
#define UNWIND_CHAIN_ID (1ull << 63)

/* Set before load. */
struct unwind_settings {
	__u64 seed;        /* random: untrusted stacks must not be able to collide */
	__u32 is_on;       /* 1: stacks are walked by tables */
	__u32 check_every; /* copies one of this many stacks too; 0: none */
};

_Static_assert(sizeof(struct unwind_file_key) == 32, "no padding");
_Static_assert(sizeof(struct unwind_file) == 16 + 24 * UNWIND_SEGMENTS_MAX, "no padding");
_Static_assert(sizeof(struct unwind_page) == 4 + 2 * UNWIND_PAGE_BLOCKS, "no padding");
_Static_assert(sizeof(struct unwind_block) == 1024, "no padding");
_Static_assert(sizeof(struct unwind_block_rule) == 16, "no padding");

#endif
