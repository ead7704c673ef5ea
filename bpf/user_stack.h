/* bpf/user_stack.h - copies of user stacks, as the kernel side hands them to diag-record
 *
 * A part of event.h, which includes it: the same rules hold here. A copy has a ring of its own. The
 * events that it belongs to carry its stack_copy_id; they may come before it or after it.
 */
#ifndef BPF_USER_STACK_H
#define BPF_USER_STACK_H

#define USER_STACK_BYTES_MAX      65536u
#define USER_STACK_PIECE_BYTES    1024u /* copied at a time; sizes are multiples of it */
#define USER_STACK_REGISTER_WORDS 21    /* struct pt_regs of x86-64 */

/* Words of the registers. */
#define USER_STACK_WORD_CS 17
#define USER_STACK_WORD_SP 19

/* Tickets of stacks that there are no copies of. */
#define USER_STACK_NONE 0ull    /* not asked for, or none to be had */
#define USER_STACK_LOST (~0ull) /* counted as lost */

/* After it come size_bytes bytes of memory from the stack pointer upwards. Without a stack_copy_id
 * it is no copy: the process runs a program that was not seen before. */
struct event_user_stack {
	struct event_header header;
	__u64 stack_copy_id;
	__u64 process_start_ns; /* CLOCK_BOOTTIME */
	__u64 address;          /* of the first byte */
	__u32 pid;
	__u32 tid;
	__u32 size_bytes;
	__u32 whole; /* 1: there is no more stack than was copied */
	__u64 registers[USER_STACK_REGISTER_WORDS];
};

/* Set before load. */
struct user_stack_settings {
	__u32 bytes_max; /* a multiple of USER_STACK_PIECE_BYTES; 0: no user stacks */
	__u32 for_exits; /* 1: exits are recorded, so that each fatal signal matters */
};

_Static_assert(sizeof(struct event_user_stack) == 56 + 8 * USER_STACK_REGISTER_WORDS, "no padding");

#endif
