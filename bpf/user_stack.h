/* bpf/user_stack.h - the type of user stack copies shared by BPF and user space; part of event.h
 *
 * Copies have a separate ring. The events that a copy belongs to carry its stack_copy_id, and may
 * come before or after it.
 */
#ifndef BPF_USER_STACK_H
#define BPF_USER_STACK_H

#include "machine.h"

#define USER_STACK_BYTES_MAX      65536u
#define USER_STACK_PIECE_BYTES    1024u /* copied at a time; sizes are multiples of this */
#define USER_STACK_REGISTER_WORDS MACHINE_REGISTER_WORDS

/* Other stacks that the frame pointers lead to, such as that of a goroutine; and the oldest frames
 * of a deep stack. */
#define USER_STACK_OTHERS           2u
#define USER_STACK_OTHER_BYTES      8192u /* copied of each; a power of two */
#define USER_STACK_LAST_PIECE_BYTES 64u   /* the smallest piece copied of it */
/* The frame pointer of the oldest frames of the stack before it. */
#define USER_STACK_OLDEST 0ull

#define USER_STACK_FRAMES_BYTES 1024u /* of UNWIND_DEPTH_MAX frames, and one more */

/* Indices into the registers. */
#define USER_STACK_WORD_BP   MACHINE_WORD_BP
#define USER_STACK_WORD_IP   MACHINE_WORD_IP
#define USER_STACK_WORD_MODE MACHINE_WORD_MODE
#define USER_STACK_WORD_SP   MACHINE_WORD_SP

/* Values of stack_copy_id without a copy. */
#define USER_STACK_NONE 0ull    /* not requested, or not available */
#define USER_STACK_LOST (~0ull) /* counted as lost */

struct user_stack_other {
	__u64 address;       /* of the first byte */
	__u64 frame_pointer; /* that leads there, inside of the copy */
	__u64 size_bytes;
};

/* Followed by size_bytes bytes of memory from the stack pointer up, the bytes of others[], and
 * frame_count addresses with UNWIND_FRAME_..., the leaf first: the stack as the program has walked
 * it. With both, the frames must be compared with the copy. Without a stack_copy_id it is no
 * copy: it reports that the process runs a program that was not seen before. */
struct event_user_stack {
	struct event_header header;
	__u64 stack_copy_id;
	__u64 process_start_ns; /* CLOCK_BOOTTIME */
	__u64 address;          /* of the first byte */
	__u32 pid;              /* in the namespace of diag-record; 0: none there */
	__u32 frame_count;
	__u32 size_bytes;
	__u32 whole; /* 1: the copy contains the whole stack */
	__u64 registers[USER_STACK_REGISTER_WORDS];
	struct user_stack_other others[USER_STACK_OTHERS];
	__u64 lacking_address; /* of a frame whose file has no table; 0: none */
	struct unwind_file_key lacking;
	__u32 uid; /* of the process, as is pid_namespace */
	__u32 pid_namespace;
};

/* Set before load. */
struct user_stack_settings {
	__u32 bytes_max; /* a multiple of USER_STACK_PIECE_BYTES; 0: no user stacks */
	__u32 for_exits; /* 1: exits are recorded, so every fatal signal needs a copy */
	__u32 page_bytes;
};

_Static_assert(sizeof(struct event_user_stack) ==
		       104 + 8 * USER_STACK_REGISTER_WORDS + 24 * USER_STACK_OTHERS,
	       "no padding");

#endif
