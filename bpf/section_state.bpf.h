/* bpf/section_state.bpf.h - state of a thread in a section, and accounting of its time
 *
 * Only the CPU of the thread writes here while the thread runs, but an interrupt can do so in the
 * middle of another program. While the thread does not run, the CPU that wakes it can write. So
 * time is advanced by compare-and-exchange: each nanosecond is charged exactly once.
 *
 * The kernel limits the storage of a task to 8 KiB. So it has the account of the outermost section
 * only; those of the sections inside it are in a map, from which each takes one while it is open.
 */
#ifndef BPF_SECTION_STATE_BPF_H
#define BPF_SECTION_STATE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* The handlers that have interrupted the thread. */
enum section_interrupt {
	SECTION_IN_VECTOR = 1,
	SECTION_IN_IRQ = 2,
	SECTION_IN_SOFTIRQ = 4,
};

/* A stop requested by another thread. The program that moves it from ASKED to TAKEN stops. */
enum section_request {
	SECTION_REQUEST_NONE,
	SECTION_REQUEST_ASKED,
	SECTION_REQUEST_TAKEN,
};

/* Steps with which a duration begins. */
enum section_begin {
	SECTION_BEGIN_CALL,
	SECTION_BEGIN_OUT,
	SECTION_BEGIN_WOKEN,
	SECTION_BEGIN_VECTOR,
	SECTION_BEGIN_IRQ,
	SECTION_BEGIN_SOFTIRQ,
	SECTION_BEGIN_TIMER,
	SECTION_BEGIN_HRTIMER,
	SECTION_BEGIN_COUNT,
};

struct thread_section {
	__u64 start_ns;
	__u64 threshold_ns;
	__u64 number;
	__u8 source;
	__u8 dirty; /* its account is not all 0 */
	__u16 pair;
	__u32 account; /* its place in section_accounts, unless it is the outermost one */
	__u64 owner;   /* SECTION_OWNER of that place */
	char label[SECTION_LABEL_BYTES];
};

/* A segment of the slot of a thread. */
struct section_segment {
	__u64 longest_ns; /* between two steps, or from begin to end of a call */
	__u64 last_ns;    /* time of its newest step */
	union {
		struct {
			__u32 steps;
			__u32 turn; /* segments that were filled before it */
		};
		__u64 filled; /* both, which change at once */
	};
};

/* The turn of a segment in which no step of this outermost section has been. */
#define SECTION_NO_TURN 0xffffffffu

/* System calls whose row is found at once. */
#define SECTION_RECENT_CALLS 8

/* Of `busy`: preemptions, and their time. One word has both, so that none is lost when it ends. */
#define SECTION_HELD(ns)         ((__u64)(ns) << 12 | 2)
#define SECTION_HELD_COUNT(busy) ((busy) >> 1 & 0x7ff)
#define SECTION_HELD_NS(busy)    ((busy) >> 12)

struct section_thread {
	__u32 depth;          /* 0: in no section; only `marker` and `identity` are valid then */
	__u32 marker;         /* in a system call that is a marker; its end is no step */
	__u32 switches;       /* how often it was switched out */
	__u32 request;        /* enum section_request */
	__u32 ignored_starts; /* too deep, or no account was free; and all inside of these */
	__u32 group_kept;     /* a section was kept since the outermost one began */
	__u64 request_ns;
	/* While a section is being started or stopped, nothing may be charged; else 0. Its lowest
	 * bit is set, and what was held meanwhile is above it: SECTION_HELD. */
	__u64 busy;
	__u64 held_out_ns; /* when it was preempted while busy; 0: it was not, or runs again */

	__u64 charged_ns; /* time before this is in the accounts */
	__u32 off;        /* phase state while it does not run; 0 while it runs */
	__u32 interrupts; /* enum section_interrupt */
	__u32 row;        /* of the system call that it is in; 0: none */
	__u32 row_count;
	__u64 call_ns;  /* start of the system call; 0: unknown */
	__u64 fault_ns; /* start of the page fault; 0: none */
	__u64 fault_address;
	__u32 fault_run; /* faults in a row */
	__u32 last_step; /* enum section_step_type of the newest in the slot */
	__u64 out_ns;
	__u64 woken_ns;
	__u64 vector_ns;
	__u64 irq_ns;
	__u64 softirq_ns;
	__u64 timer_ns;
	__u64 hrtimer_ns;
	__u32 call_has_stack; /* a step of this system call has the user stack */
	__u32 short_waits[2]; /* blocked, and preempted: in a row until now, at most
				 SECTION_SHORT_WAITS */
	__u32 lacks_stack;    /* it was switched out without its kernel stack */
	__u64 file;           /* address of that behind the descriptor of a watched call; 0: none */

	__u64 slot_owner;                  /* SECTION_OWNER */
	__u32 slot;                        /* 1 + number of the slot; 0: none */
	__u64 head;                        /* place of the next step: SECTION_HEAD */
	__u64 step_ns;                     /* time of the newest step */
	__u64 begins[SECTION_BEGIN_COUNT]; /* places of the newest ones; SECTION_NO_PLACE: none */
	__u64 faults_place;                /* of the newest merged faults; SECTION_NO_PLACE: none */
	__u64 next_repeated;               /* place that the next step repeats, if all goes on */
	__u64 dropped_until_ns;            /* time of the newest step that was dropped */
	__u32 dropped_steps;
	__u32 sequence;
	__u32 slot_failed; /* no slot was free for the first step of this section */

	struct section_segment segments[SECTION_SEGMENTS];
	struct event_task identity; /* as of its first section, or of the last one that was kept */
	__s32 calls[SECTION_ROWS];
	__s32 recent_calls[SECTION_RECENT_CALLS];
	__u8 recent_rows[SECTION_RECENT_CALLS]; /* 0: none */
	struct thread_section sections[SECTION_DEPTH_MAX];
	struct section_account account; /* of the outermost section */
};

/* With its header, in the 4 KiB that the kernel allocates then. */
_Static_assert(sizeof(struct section_thread) <= 4096 - 128, "fits into the storage of a task");

struct section_thread_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct section_thread);
};

/* Accounts of inner sections, all 0 while they are free. User space puts all of them into the
 * queue. */
struct section_account_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SECTION_ACCOUNTS);
	__type(key, __u32);
	__type(value, struct section_account);
};

struct section_free_account_map {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, SECTION_ACCOUNTS);
	__uint(value_size, sizeof(__u32));
};

extern struct section_thread_map section_threads SEC(".maps");
extern struct section_account_map section_accounts SEC(".maps");
extern const volatile struct section_settings section_settings;
extern struct section_failures section_failures;

/* When the recording ended; 0: it has not. Nothing that happens later belongs to a section: the
 * programs are detached one after the other, so a stop could be missed and its time unknown. */
extern volatile __u64 section_end_ns;

static __always_inline bool section_thread_is_open(const struct section_thread *thread)
{
	return thread && thread->depth && !thread->busy;
}

/* Returns the state of a thread, which need not be in a section; NULL: it never was. Most tasks
 * have no storage at all: they cost no call of the kernel. */
static __always_inline struct section_thread *section_thread_of(struct task_struct *task)
{
	return task->bpf_storage ? bpf_task_storage_get(&section_threads, task, NULL, 0) : NULL;
}

/* Returns the state of a thread that is in a section, also after the end of the recording, or NULL.
 */
static __always_inline struct section_thread *section_thread_open(struct task_struct *task)
{
	struct section_thread *thread = section_thread_of(task);

	return section_thread_is_open(thread) ? thread : NULL;
}

/* Returns the state of a thread that is in a section, or NULL. Every program calls this first. */
static __always_inline struct section_thread *section_thread_in_section(struct task_struct *task)
{
	return section_end_ns ? NULL : section_thread_open(task);
}

static __always_inline __u32 section_level(const struct section_thread *thread)
{
	return (thread->depth - 1) & (SECTION_DEPTH_MAX - 1);
}

static __always_inline __u32 phase_state(const struct section_thread *thread)
{
	if (thread->off)
		return thread->off & (PHASE_STATE_COUNT - 1);
	if (thread->interrupts)
		return PHASE_STATE_INTERRUPT;
	if (thread->fault_ns)
		return PHASE_STATE_FAULT;
	return thread->row ? PHASE_STATE_KERNEL : PHASE_STATE_USER;
}

/* Returns the account of the section at that level. The verifier does not know that it is never
 * NULL. */
static __always_inline struct section_account *section_account(struct section_thread *thread,
							       __u32 level)
{
	__u32 number;

	if (level == 0)
		return &thread->account;
	/* Linux 6.1 takes keys from the stack only, and from maps. */
	number = thread->sections[level & (SECTION_DEPTH_MAX - 1)].account;
	return bpf_map_lookup_elem(&section_accounts, &number);
}

/* Charges the time since the last call to the current phase state, and returns the time now.
 * Neither inlined nor static, so that the verifier checks it once (section.bpf.c); the same holds
 * for the other global functions. */
__u64 section_charge(struct section_thread *thread);

static __always_inline void section_count_entry(struct section_thread *thread, __u32 state)
{
	struct section_account *account = section_account(thread, section_level(thread));

	if (account)
		__sync_fetch_and_add(&account->rows[thread->row & (SECTION_ROWS - 1)].counts[state],
				     1);
}

/* Returns the row of a system call; adds one if needed. */
static __always_inline __u32 section_row_search(struct section_thread *thread, __s32 call)
{
	__u32 count = thread->row_count, row = count;

	for (__u32 i = 1; i < SECTION_ROWS && i < count; i++) {
		if (thread->calls[i] == call)
			return i;
	}
	if (count >= SECTION_ROWS - 1) {
		thread->calls[SECTION_ROWS - 1] = SECTION_CALL_OTHER;
		thread->row_count = SECTION_ROWS;
		return SECTION_ROWS - 1;
	}
	/* The compiler must not drop the mask, which the verifier of Linux 6.1 needs. */
	barrier_var(row);
	thread->calls[row & (SECTION_ROWS - 1)] = call;
	thread->row_count = count + 1;
	return count;
}

/* The same. A call that has a row keeps it until the outermost section ends. */
static __always_inline __u32 section_row(struct section_thread *thread, __s32 call)
{
	__u32 recent = (__u32)call & (SECTION_RECENT_CALLS - 1);
	__u32 row = thread->recent_rows[recent];

	if (row && thread->recent_calls[recent] == call)
		return row;
	row = section_row_search(thread, call);
	thread->recent_calls[recent] = call;
	thread->recent_rows[recent] = (__u8)row;
	return row;
}

#endif
