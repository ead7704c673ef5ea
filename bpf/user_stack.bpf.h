/* bpf/user_stack.bpf.h - copies of user registers and stacks, and the copies that belong to exits
 *
 * User space unwinds the copies: without frame pointers the kernel cannot. Each copy has a
 * stack_copy_id, which its events carry. All functions are for the running task.
 */
#ifndef BPF_USER_STACK_BPF_H
#define BPF_USER_STACK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/unwind.bpf.h"

#define USER_STACK_AWAIT_LOOKUPS 64 /* some microseconds */
#define USER_STACK_GUARD_PAGES   16
#define USER_STACK_PAGE_BYTES    ((__u64)user_stack_settings.page_bytes)
#define USER_STACK_REACH_BYTES   (USER_STACK_GUARD_PAGES * USER_STACK_PAGE_BYTES)
/* No other mapping is nearer to the start of the first stack; of a 32-bit process it can be nearer
 * by the range of its random addresses. */
#define USER_STACK_FIRST_BYTES_MAX       (128ull << 20)
#define USER_STACK_FIRST_BYTES_MAX_32BIT (96ull << 20)

extern const volatile struct user_stack_settings user_stack_settings;

/* Where the frame pointers of a stack have led to. */
struct user_stack_link {
	__u64 frame_pointer;
	__u64 low; /* the range that was copied */
	__u64 high;
	__u64 end; /* of the whole stack; 0: unknown */
};

struct user_stack_slot {
	__u64 busy;
	__u64 sequence; /* of the copies made here */
	__u32 bytes_used;
	__u32 others_used;
	__u64 last_address; /* of the part that was copied last */
	__u64 last_end;
	__u64 with_oldest; /* 1: the oldest frames of a deep stack are copied too */
	__u32 is_chain;    /* the stack was walked */
	__u32 is_checked;  /* and must be copied too */
	__u64 walks;
	struct user_stack_link link;
	struct unwind_state unwind;
	struct event_user_stack record; /* sent with the bytes after it */
	/* One more of USER_STACK_OTHER_BYTES, so that a piece of any size fits behind the others.
	 */
	__u8 bytes[USER_STACK_BYTES_MAX + (USER_STACK_OTHERS + 1) * USER_STACK_OTHER_BYTES +
		   USER_STACK_FRAMES_BYTES];
};

/* One per CPU: too large for a per-CPU map. */
struct user_stack_slot_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct user_stack_slot);
};

extern struct user_stack_slot_map user_stack_slots SEC(".maps");
extern struct ring_map user_stack_ring SEC(".maps");

/* How well a copy explains the end of a process. A better one replaces a worse one; of equal ones
 * the first stays. */
enum user_stack_rank {
	USER_STACK_NOTED,     /* no copy: the thread that a fatal signal was sent to */
	USER_STACK_BYSTANDER, /* a thread that ended with its process */
	USER_STACK_LEADER,    /* the first thread, ended with its process */
	USER_STACK_GUILTY, /* the thread that ended the process, or that the signal was sent to */
};

/* The thread that has called exit_group() and the last thread of its process can exit at the same
 * time, on two CPUs. The one that changes the state first decides; neither waits for a copy. */
enum user_stack_end_state {
	USER_STACK_END_KNOWN,
	USER_STACK_END_COMING,   /* the thread that ended the process copies its stack now */
	USER_STACK_END_PROMISED, /* the exit is recorded with user_stack_promised_id(), and that
				  * thread has yet to send its stack */
};

#define USER_STACK_OF_THREAD (1ull << 32)
#define USER_STACK_PROMISED  (1ull << 62) /* a stack_copy_id of the end of a process */

/* Of a process, or of a thread: then its tid with USER_STACK_OF_THREAD, and the start of the
 * thread. */
struct user_stack_end_key {
	__u64 start_ns;
	__u64 id;
};

struct user_stack_end {
	__u64 stack_copy_id;
	__u32 rank;
	__u32 tid;       /* the thread that was copied */
	__u32 meant_tid; /* the thread that the signal was sent to; 0: none in particular */
	__u32 by_signal; /* 1: the thread takes a fatal signal */
	__u32 ns_tid;    /* as tid, in its pid namespace */
	__u32 state;     /* enum user_stack_end_state */
	char comm[EVENT_COMM_BYTES]; /* of the thread that was copied */
};

struct user_stack_end_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct user_stack_end_key);
	__type(value, struct user_stack_end);
};

extern struct user_stack_end_map user_stack_ends SEC(".maps");

static __always_inline struct user_stack_slot *user_stack_acquire(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct user_stack_slot *slot = bpf_map_lookup_elem(&user_stack_slots, &cpu);

	if (!slot || __sync_lock_test_and_set(&slot->busy, 1) != 0)
		return NULL;
	return slot;
}

/* Whether user_stack_acquire() would return NULL. */
static __always_inline bool user_stack_is_busy(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct user_stack_slot *slot = bpf_map_lookup_elem(&user_stack_slots, &cpu);

	return !slot || slot->busy;
}

static __always_inline void user_stack_release(struct user_stack_slot *slot)
{
	__sync_lock_test_and_set(&slot->busy, 0);
}

/* Returns the first readable address from `from` on, at most USER_STACK_REACH_BYTES behind it. The
 * pointer of a stack that has overflowed is in the guard area below it, as far as the frame of the
 * last function is large. Neither inlined nor static, so that the verifier checks it once
 * (user_stack.bpf.c). */
__u64 user_stack_first_readable(__u64 from);

/* The stack pointer of the running task; 0: the kernel does not give it. */
static __always_inline __u64 user_stack_pointer(void)
{
	struct pt_regs *registers;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return 0;
	registers = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return machine_stack_pointer(registers);
}

/* Whether the stack pointer is in the range of the first thread's stack, which can be beyond the
 * part that is mapped by the size of large local variables. */
static __always_inline bool user_stack_is_first(struct task_struct *task, __u64 sp)
{
	__u64 start = task->mm->start_stack;
	__u64 bytes_max =
		start >> 32 ? USER_STACK_FIRST_BYTES_MAX : USER_STACK_FIRST_BYTES_MAX_32BIT;

	return sp < start && start - sp <= bytes_max;
}

static __always_inline bool user_stack_is_readable(__u64 address)
{
	__u8 byte;

	return bpf_probe_read_user(&byte, sizeof(byte), (void *)address) == 0;
}

/* Whether the stack of the running task, which has just accessed the address, would have had to
 * grow to it. */
static __always_inline bool user_stack_lacks(struct task_struct *task, __u64 address)
{
	__u64 sp = user_stack_pointer();
	__u64 readable;

	if (!sp || address + USER_STACK_REACH_BYTES < sp)
		return false;
	if (user_stack_is_first(task, sp) && address < task->mm->start_stack)
		return !user_stack_is_readable(address);
	readable = user_stack_first_readable(sp);
	return address < readable && user_stack_is_readable(readable);
}

/* Whether the access to the address was one to the stack of the running task, and its stack pointer
 * points to no memory of a stack. */
static __always_inline bool user_stack_is_nowhere(struct task_struct *task, __u64 address)
{
	__u64 sp = user_stack_pointer();

	if (address + USER_STACK_PAGE_BYTES < sp || address > sp + USER_STACK_PAGE_BYTES ||
	    user_stack_is_first(task, sp))
		return false;
	return !user_stack_is_readable(user_stack_first_readable(sp));
}

static __always_inline bool user_stack_fill(struct event_user_stack *record,
					    struct task_struct *task)
{
	struct pt_regs *registers;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return false;
	registers = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	if (!registers ||
	    bpf_probe_read_kernel(record->registers, sizeof(record->registers), registers) != 0)
		return false;
	if (!MACHINE_MODE_IS_64BIT(record->registers[USER_STACK_WORD_MODE]) &&
	    !MACHINE_MODE_IS_32BIT(record->registers[USER_STACK_WORD_MODE]))
		return false;
	record->header = (struct event_header){
		.time_ns = bpf_ktime_get_boot_ns(),
		.cpu = bpf_get_smp_processor_id(),
		.kind = EVENT_USER_STACK,
	};
	record->process_start_ns = task->group_leader->start_boottime;
	record->address = record->registers[USER_STACK_WORD_SP];
	record->pid = filter_tgid(task);
	return true;
}

/* Copies the stack of the running task into a slot that has its stack_copy_id, or takes the frames
 * that were walked; sends it, and releases the slot. Returns the stack_copy_id, or USER_STACK_LOST.
 * Neither inlined nor static, as above. */
__u64 user_stack_output(struct user_stack_slot *slot);

/* Where a stack is wanted: whether the kernel can find several mappings there. */
enum user_stack_place {
	USER_STACK_INTERRUPTS_ON,
	USER_STACK_INTERRUPTS_OFF,
};

/* Walks the stack by tables. Returns whether its frames must be sent; if not, diag-record has them,
 * or *ret_id is USER_STACK_NONE and the stack must be copied. */
static __always_inline bool user_stack_walk(struct user_stack_slot *slot, __u64 *ret_id)
{
	*ret_id = USER_STACK_NONE;
	slot->unwind.pc = slot->record.registers[USER_STACK_WORD_IP];
	slot->unwind.sp = slot->record.registers[USER_STACK_WORD_SP];
	slot->unwind.bp = slot->record.registers[USER_STACK_WORD_BP];
	slot->unwind.link = machine_link(slot->record.registers);
	slot->unwind.now_ns = slot->record.header.time_ns;
	slot->is_chain = unwind_walk(&slot->unwind) == UNWIND_WALK_COMPLETE;
	slot->record.lacking_address = slot->unwind.lacking_address;
	slot->record.lacking = slot->unwind.lacking;
	if (!slot->is_chain)
		return false;
	*ret_id = (slot->unwind.hash & ~1ull) | UNWIND_CHAIN_ID;
	slot->is_checked =
		unwind_settings.check_every && ++slot->walks % unwind_settings.check_every == 0;
	return slot->is_checked || !unwind_chain_is_sent(*ret_id, slot->unwind.now_ns);
}

/* Prepares a copy for `task`, which must be the running one, and returns its stack_copy_id. The
 * caller must pass *ret_slot to user_stack_output(); NULL: there is nothing to send. */
static __always_inline __u64 user_stack_begin(struct task_struct *task, enum user_stack_place place,
					      struct user_stack_slot **ret_slot)
{
	__u64 id;
	struct user_stack_slot *slot;
	__u64 cpu = bpf_get_smp_processor_id();

	*ret_slot = NULL;
	if (!user_stack_settings.bytes_max || (task->flags & PF_KTHREAD) || !task->mm)
		return USER_STACK_NONE;
	slot = user_stack_acquire();
	if (!slot) {
		loss_add(EVENT_USER_STACK, LOSS_NO_SCRATCH);
		return USER_STACK_LOST;
	}
	if (!user_stack_fill(&slot->record, task)) {
		user_stack_release(slot);
		return USER_STACK_NONE;
	}
	slot->is_chain = slot->is_checked = 0;
	slot->record.lacking_address = 0;
	slot->record.stack_copy_id = (cpu + 1) << 40 | ++slot->sequence;
	slot->with_oldest = 0;
	/* With interrupts off, the kernel finds one mapping for each stack. So the first stacks of
	 * a process are copied, until all their mappings are remembered. */
	if (unwind_settings.is_on &&
	    (place == USER_STACK_INTERRUPTS_ON || core_counts_changes_of_mappings()) &&
	    MACHINE_MODE_IS_64BIT(slot->record.registers[USER_STACK_WORD_MODE])) {
		bool must_send = user_stack_walk(slot, &id);

		if (id != USER_STACK_NONE)
			slot->record.stack_copy_id = id;
		if (id != USER_STACK_NONE && !must_send) {
			user_stack_release(slot);
			return id;
		}
	}
	*ret_slot = slot;
	return slot->record.stack_copy_id;
}

/* Copies the stack of the running task and returns its stack_copy_id. */
static __always_inline __u64 user_stack_copy(struct task_struct *task, enum user_stack_place place)
{
	struct user_stack_slot *slot;
	__u64 stack_copy_id = user_stack_begin(task, place, &slot);

	return slot ? user_stack_output(slot) : stack_copy_id;
}

static __always_inline struct user_stack_end_key user_stack_process_key(struct task_struct *task)
{
	return (struct user_stack_end_key){
		.start_ns = task->group_leader->start_boottime,
		.id = (__u64)task->tgid,
	};
}

static __always_inline struct user_stack_end_key user_stack_thread_key(struct task_struct *task)
{
	return (struct user_stack_end_key){
		.start_ns = task->start_boottime,
		.id = (__u64)task->pid | USER_STACK_OF_THREAD,
	};
}

/* Notes that the signal which ends a process was sent to this thread of it. */
static __always_inline void user_stack_note_meant(struct task_struct *receiver)
{
	struct user_stack_end_key key = user_stack_process_key(receiver);
	struct user_stack_end end = {
		.stack_copy_id = USER_STACK_NONE,
		.rank = USER_STACK_NOTED,
		.meant_tid = (__u32)receiver->pid,
	};

	bpf_map_update_elem(&user_stack_ends, &key, &end, BPF_NOEXIST);
}

static __always_inline __u32 user_stack_inner_tid(struct task_struct *task)
{
	__u32 ignored;

	return task_namespace_number(task->thread_pid, &ignored);
}

static __always_inline void user_stack_name_end(struct user_stack_end *end,
						struct task_struct *task)
{
	end->tid = (__u32)task->pid;
	end->ns_tid = user_stack_inner_tid(task);
	bpf_get_current_comm(end->comm, sizeof(end->comm));
}

/* Copies the stack of the running task, and stores the stack_copy_id for the exit with this key. */
static __always_inline __u64 user_stack_copy_for(struct user_stack_end_key *key,
						 struct user_stack_end *end,
						 struct task_struct *task)
{
	struct user_stack_slot *slot;

	user_stack_name_end(end, task);
	end->stack_copy_id = user_stack_begin(
		task, end->by_signal ? USER_STACK_INTERRUPTS_OFF : USER_STACK_INTERRUPTS_ON, &slot);
	if (slot)
		slot->with_oldest = end->by_signal;
	/* Before copying: the last thread may exit meanwhile. */
	bpf_map_update_elem(&user_stack_ends, key, end, BPF_ANY);
	if (slot && user_stack_output(slot) == USER_STACK_LOST) {
		end->stack_copy_id = USER_STACK_LOST;
		bpf_map_update_elem(&user_stack_ends, key, end, BPF_ANY);
	}
	return end->stack_copy_id;
}

/* Copies the stack of the running task for the exit of its process, unless a better one exists. */
static __always_inline void user_stack_copy_for_end(struct task_struct *task,
						    enum user_stack_rank rank, bool by_signal)
{
	struct user_stack_end_key key = user_stack_process_key(task);
	struct user_stack_end *known = bpf_map_lookup_elem(&user_stack_ends, &key);
	struct user_stack_end end = {.rank = rank, .by_signal = by_signal};

	if (known && known->meant_tid) {
		end.meant_tid = known->meant_tid;
		if (end.meant_tid == (__u32)task->pid)
			end.rank = USER_STACK_GUILTY;
	}
	if (known && known->rank >= end.rank)
		return;
	user_stack_copy_for(&key, &end, task);
}

/* The stack_copy_id that a process can have for its end, of which there is one. */
static __always_inline __u64 user_stack_promised_id(const struct user_stack_end_key *key)
{
	return USER_STACK_PROMISED | (key->id & 0x3fffff) << 40 | (key->start_ns & 0xffffffffff);
}

/* Sends the stack of the running task for the exit that is recorded already. */
static __always_inline void user_stack_keep_promise(struct user_stack_end_key *key,
						    struct task_struct *task)
{
	struct user_stack_slot *slot;

	/* Walked, it would have another stack_copy_id. */
	user_stack_begin(task, USER_STACK_INTERRUPTS_OFF, &slot);
	if (slot) {
		slot->record.stack_copy_id = user_stack_promised_id(key);
		user_stack_output(slot);
	}
	bpf_map_delete_elem(&user_stack_ends, key);
}

/* Copies the stack of the running task, whose coming is in the map. */
static __always_inline void user_stack_copy_announced(struct user_stack_end_key *key,
						      struct task_struct *task)
{
	__u64 stack_copy_id = user_stack_copy(task, USER_STACK_INTERRUPTS_ON);
	struct user_stack_end *end = bpf_map_lookup_elem(&user_stack_ends, key);

	if (!end)
		return;
	end->stack_copy_id = stack_copy_id;
	if (__sync_val_compare_and_swap(&end->state, USER_STACK_END_COMING, USER_STACK_END_KNOWN) ==
	    USER_STACK_END_PROMISED)
		user_stack_keep_promise(key, task);
}

/* The same for a task that has called exit_group() and is not the last one of its process. */
static __always_inline void user_stack_copy_for_exit_group(struct task_struct *task)
{
	struct user_stack_end_key key = user_stack_process_key(task);
	struct user_stack_end end = {.rank = USER_STACK_GUILTY, .state = USER_STACK_END_COMING};
	struct user_stack_end *known;

	user_stack_name_end(&end, task);
	if (bpf_map_update_elem(&user_stack_ends, &key, &end, BPF_NOEXIST) == 0) {
		user_stack_copy_announced(&key, task);
		return;
	}
	known = bpf_map_lookup_elem(&user_stack_ends, &key);
	if (known && known->state == USER_STACK_END_PROMISED)
		user_stack_keep_promise(&key, task);
	else
		user_stack_copy_for_end(task, USER_STACK_GUILTY, false);
}

/* Returns the stack_copy_id of the running task if its process ends with that stack. */
static __always_inline __u64 user_stack_of_fatal_delivery(struct task_struct *task)
{
	struct user_stack_end_key key = user_stack_process_key(task);
	struct user_stack_end *end = bpf_map_lookup_elem(&user_stack_ends, &key);

	return end && end->tid == (__u32)task->pid ? end->stack_copy_id : USER_STACK_NONE;
}

/* Whether another thread has called exit_group(), and this one, the last, ends because of it. */
static __always_inline bool user_stack_another_is_guilty(struct task_struct *task)
{
	return (task->signal->flags & SIGNAL_GROUP_EXIT) &&
	       (task->signal->group_exit_code & 0x7f) == 0 && !core_is_in_exit_group();
}

/* Returns the entry of the thread that has called exit_group(), which may be about to add it on
 * another CPU. If it does not within some microseconds, the entry says that it will. */
static __always_inline struct user_stack_end *
user_stack_await_guilty(struct user_stack_end_key *key)
{
	const struct user_stack_end promise = {
		.rank = USER_STACK_GUILTY,
		.state = USER_STACK_END_PROMISED,
	};
	struct user_stack_end *end = NULL;

	for (int i = 0; i < USER_STACK_AWAIT_LOOKUPS && !end; i++)
		end = bpf_map_lookup_elem(&user_stack_ends, key);
	if (end || !user_stack_settings.bytes_max || !core_memory_outlives_exit())
		return end;
	bpf_map_update_elem(&user_stack_ends, key, &promise, BPF_NOEXIST);
	return bpf_map_lookup_elem(&user_stack_ends, key);
}

/* Returns the stack_copy_id of an entry, which is deleted unless its stack is yet to be sent. */
static __always_inline __u64 user_stack_take_end(struct user_stack_end_key *key,
						 struct user_stack_end *end)
{
	__u64 stack_copy_id;
	__u32 state = __sync_val_compare_and_swap(&end->state, USER_STACK_END_COMING,
						  USER_STACK_END_PROMISED);

	if (state != USER_STACK_END_KNOWN)
		return user_stack_promised_id(key);
	stack_copy_id = end->stack_copy_id;
	bpf_map_delete_elem(&user_stack_ends, key);
	return stack_copy_id;
}

/* Sets the thread that ended a process: the one that was copied, or `task` if none was. */
static __always_inline void user_stack_fill_end(struct event_end_thread *out,
						struct task_struct *task,
						const struct user_stack_end *end)
{
	if (end && end->tid) {
		out->tid = end->tid;
		out->ns_tid = end->ns_tid;
		__builtin_memcpy(out->comm, end->comm, sizeof(out->comm));
	} else if (!user_stack_another_is_guilty(task)) {
		out->tid = (__u32)task->pid;
		out->ns_tid = user_stack_inner_tid(task);
		bpf_get_current_comm(out->comm, sizeof(out->comm));
	}
}

/* Returns the stack_copy_id for the exit of the process of `task`, its last thread. Sets the thread
 * that ended the process. */
static __always_inline __u64 user_stack_of_process_end(struct task_struct *task,
						       struct event_end_thread *ret_thread)
{
	struct user_stack_end_key key = user_stack_process_key(task);
	struct user_stack_end *end = bpf_map_lookup_elem(&user_stack_ends, &key);
	bool is_follower = user_stack_another_is_guilty(task);
	__u64 stack_copy_id = USER_STACK_NONE;

	if (!end && is_follower)
		end = user_stack_await_guilty(&key);
	user_stack_fill_end(ret_thread, task, end);
	if (end)
		stack_copy_id = user_stack_take_end(&key, end);
	if (stack_copy_id == USER_STACK_NONE && !is_follower && core_memory_outlives_exit())
		stack_copy_id = user_stack_copy(task, USER_STACK_INTERRUPTS_ON);
	return stack_copy_id;
}

/* The same for a thread that is not the last one. */
static __always_inline __u64 user_stack_of_thread_end(struct task_struct *task)
{
	struct user_stack_end_key key = user_stack_thread_key(task);
	struct user_stack_end *end = bpf_map_lookup_elem(&user_stack_ends, &key);
	__u64 stack_copy_id = end ? end->stack_copy_id : user_stack_of_fatal_delivery(task);

	if (end)
		bpf_map_delete_elem(&user_stack_ends, &key);
	if (stack_copy_id == USER_STACK_NONE && core_memory_outlives_exit())
		stack_copy_id = user_stack_copy(task, USER_STACK_INTERRUPTS_ON);
	return stack_copy_id;
}

#endif
