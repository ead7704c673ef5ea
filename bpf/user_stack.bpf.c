/* bpf/user_stack.bpf.c - copies user stacks of processes and threads that are about to exit */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/command_line.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/user_stack.bpf.h"

#define SIGKILL 9

__noinline __u64 user_stack_first_readable(__u64 from)
{
	__u64 word;

	for (int i = 0; i < USER_STACK_GUARD_PAGES; i++) {
		if (bpf_probe_read_user(&word, sizeof(word), (void *)from) == 0)
			return from;
		from = (from + USER_STACK_PAGE_BYTES) & ~(USER_STACK_PAGE_BYTES - 1);
	}
	return from;
}

/* Copies up to USER_STACK_OTHER_BYTES bytes to an offset of the slot's bytes. Returns whether all
 * of them are readable. Neither inlined nor static, so that the verifier checks it once. */
__noinline int user_stack_copy_piece(struct user_stack_slot *slot, __u32 offset, __u64 from,
				     __u32 size)
{
	if (!slot || offset > sizeof(slot->bytes) - USER_STACK_OTHER_BYTES ||
	    size > USER_STACK_OTHER_BYTES)
		return 0;
	/* Linux 6.1 forgets the range of a value that was stored before it was compared: the
	 * compiler must use what was compared. */
	asm volatile("" : "+r"(offset), "+r"(size));
	return bpf_probe_read_user(&slot->bytes[offset], size, (void *)from) == 0;
}

/* Copies whole pieces from an address on. Returns their bytes. Not inlined and not static, as
 * above.
 */
__noinline __u32 user_stack_copy_pieces(struct user_stack_slot *slot, __u64 from)
{
	__u32 limit = user_stack_settings.bytes_max;
	__u32 done = 0;

	for (__u32 i = 0; i < USER_STACK_BYTES_MAX / USER_STACK_PIECE_BYTES; i++) {
		if (done >= limit ||
		    !user_stack_copy_piece(slot, done, from + done, USER_STACK_PIECE_BYTES))
			break;
		done += USER_STACK_PIECE_BYTES;
	}
	return done;
}

/* A copy beyond the end of a mapping fails as a whole. So it is made in pieces, with smaller ones
 * at the end. */
static __always_inline __u32 user_stack_copy_bytes(struct user_stack_slot *slot, __u64 from)
{
	__u32 limit = user_stack_settings.bytes_max;
	__u32 done = user_stack_copy_pieces(slot, from);

	for (__u32 piece = USER_STACK_PIECE_BYTES / 2; piece >= 8; piece /= 2) {
		if (done + piece <= limit && user_stack_copy_piece(slot, done, from + done, piece))
			done += piece;
	}
	return done;
}

/* The stack of the first thread of a process ends in the page in which its environment ends. The
 * ends of other stacks are unknown. */
static __always_inline bool user_stack_is_whole(__u64 from, __u32 size)
{
	struct task_struct *task = task_current();
	__u64 end;

	if (!task)
		return false;
	end = task->mm->env_end;
	end = (end + USER_STACK_PAGE_BYTES) & ~(USER_STACK_PAGE_BYTES - 1);
	return from < end && from + size >= end;
}

/* Frames of one stack that are followed to find another one. */
#define USER_STACK_LINKS 64
/* The largest frame. Words of the heap that look like a frame seldom pass this check. */
#define USER_STACK_FRAME_BYTES_MAX (1ull << 20)
/* Bytes below the frame pointer that are copied too: a signal may have interrupted a function
 * there. */
#define USER_STACK_BELOW_BYTES 512ull

/* Appends up to USER_STACK_OTHER_BYTES from the address on. Returns the address behind the copy, 0
 * if there is none. Not inlined and not static, so that the verifier checks it once. */
__noinline __u64 user_stack_append(struct user_stack_slot *slot, __u64 address, __u64 frame_pointer)
{
	struct user_stack_other *other;
	__u32 index, start, end, size_bytes;

	if (!slot)
		return 0;
	index = slot->others_used;
	start = end = slot->bytes_used;
	if (index >= USER_STACK_OTHERS)
		return 0;
	/* As in user_stack_copy_piece(). The verifier does not know how far `end` is from `start`,
	 * so it does not follow each combination of pieces. */
	asm volatile("" : "+r"(index), "+r"(end));
	for (__u32 size = USER_STACK_OTHER_BYTES; size >= USER_STACK_LAST_PIECE_BYTES; size /= 2) {
		if (end - start <= USER_STACK_OTHER_BYTES - size &&
		    user_stack_copy_piece(slot, end, address + (end - start), size))
			end += size;
	}
	size_bytes = end - start;
	if (size_bytes == 0)
		return 0;
	other = &slot->record.others[index];
	other->address = address;
	other->frame_pointer = frame_pointer;
	other->size_bytes = size_bytes;
	slot->bytes_used = start + size_bytes;
	slot->others_used = index + 1;
	slot->last_address = address;
	slot->last_end = address + size_bytes;
	return address + size_bytes;
}

/* Copies the stack around a frame pointer. Returns the address behind the copy, 0 if there is
 * none. */
static __always_inline __u64 user_stack_copy_other(struct user_stack_slot *slot,
						   __u64 frame_pointer)
{
	__u64 address = frame_pointer - USER_STACK_BELOW_BYTES;

	/* It may be in the guard area of a stack that has overflowed. */
	if (!user_stack_is_readable(address))
		address = user_stack_first_readable(frame_pointer);
	return user_stack_append(slot, address, frame_pointer);
}

/* The C libraries put the thread's own data above its stack, and reserve no more than this for one
 * stack. */
#define USER_STACK_THREAD_BYTES_MAX (64ull << 20)

/* Where the oldest frames of the stack end that has the address; 0: unknown. Neither inlined nor
 * static, so that the verifier checks it once. */
__noinline __u64 user_stack_end_of(__u64 address)
{
	struct task_struct *trusted = bpf_get_current_task_btf();
	struct task_struct *task = task_plain(trusted);
	__u64 end;

	if (!task)
		return 0;
	end = core_is_compat(trusted) ? machine_compat_thread_data(task)
				      : machine_thread_data(task);
	if (user_stack_is_first(task, address))
		return task->mm->start_stack;
	return end > address && end - address <= USER_STACK_THREAD_BYTES_MAX ? end : 0;
}

/* Copies the oldest frames of the stack that was copied last, if it is deeper than its copy. */
static __always_inline void user_stack_copy_oldest(struct user_stack_slot *slot)
{
	__u64 end = user_stack_end_of(slot->last_address);
	__u64 address = (end - USER_STACK_OTHER_BYTES) & ~7ull;

	if (slot->last_end >= end)
		return;
	if (address < slot->last_end)
		address = slot->last_end;
	/* Pages that were never used are not there. */
	address = user_stack_first_readable(address);
	if (address < end)
		user_stack_append(slot, address, USER_STACK_OLDEST);
}

/* Words of struct ucontext from uc_stack on: the alternate stack is in words 0 and 2. */
#define UCONTEXT_BP    MACHINE_UCONTEXT_BP
#define UCONTEXT_SP    MACHINE_UCONTEXT_SP
#define UCONTEXT_WORDS MACHINE_UCONTEXT_WORDS
/* 16 KiB from the stack pointer of the handler up are searched, in steps that the verifier of the
 * kernel can follow. */
#define SEARCH_WORDS 64
#define SEARCH_STEPS 32
/* The next power of two, minus 1. */
#define SEARCH_WORDS_MASK (2 * SEARCH_STEPS * SEARCH_WORDS - 1)

/* Finds the frame of a handler on the alternate stack, whose interrupted code was on another one,
 * within SEARCH_WORDS words. Returns the number of its word uc_stack plus 1, 0 if there is none.
 * Not inlined and not static, so that the verifier checks it once. */
__noinline int user_stack_search(struct user_stack_slot *slot, __u32 from)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 start = task->sas_ss_sp;
	__u64 size = task->sas_ss_size;
	const __u64 *words;

	if (!slot || from > SEARCH_STEPS * SEARCH_WORDS)
		return 0;
	words = (const __u64 *)slot->bytes + from;
	for (__u32 i = 0; i < SEARCH_WORDS; i++) {
		__u64 depth = words[i + UCONTEXT_SP] - start;
		/* The borrow of depth - size: 1 if the stack pointer is inside. */
		__u64 inside = ((~depth & size) | (~(depth ^ size) & (depth - size))) >> 63;

		/* One branch: the verifier follows both sides of each. */
		if (((words[i] ^ start) | (words[i + 2] ^ size) | inside) == 0)
			return (int)(from + i) + 1;
	}
	return 0;
}

/* Words of struct sigcontext_32. The kernel has the same stack pointer in two of them, and the
 * selectors of 32-bit code. The frame of a handler without SA_SIGINFO has no uc_stack. */
#define SIGCONTEXT_32_SP       7
#define SIGCONTEXT_32_CS       15
#define SIGCONTEXT_32_SP_AGAIN 17
#define SIGCONTEXT_32_SS       18
#define SIGCONTEXT_32_WORDS    22
#define STACK_SEGMENT_32BIT    0x2b
#define SEARCH_WORDS_32        (2 * SEARCH_WORDS)

/* A search for the frame of a handler of 32-bit code. */
struct user_stack_search_32 {
	struct user_stack_slot *slot;
	__u64 start; /* of the alternate stack */
	__u64 size;
	__u64 found; /* stack pointer of the interrupted code; 0: none yet */
};

/* Looks at one word. Returns 1 at the frame. */
static long user_stack_look_32(__u32 index, void *context)
{
	struct user_stack_search_32 *search = context;
	const __u32 *words;

	if (index >= SEARCH_WORDS_32)
		return 1;
	words = (const __u32 *)search->slot->bytes + index;
	if (!MACHINE_MODE_IS_32BIT(words[SIGCONTEXT_32_CS]) ||
	    words[SIGCONTEXT_32_SS] != STACK_SEGMENT_32BIT ||
	    words[SIGCONTEXT_32_SP] != words[SIGCONTEXT_32_SP_AGAIN] ||
	    words[SIGCONTEXT_32_SP] - search->start < search->size)
		return 0;
	search->found = words[SIGCONTEXT_32_SP];
	return 1;
}

/* Returns the stack pointer of the interrupted code; 0 if there is none. The verifier follows a
 * loop over so many words for more than a second, the body of bpf_loop() about once. */
__noinline __u64 user_stack_search_32(struct user_stack_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct user_stack_search_32 search = {.slot = slot};
	__u64 words;

	if (!slot)
		return 0;
	search.start = task->sas_ss_sp;
	search.size = task->sas_ss_size;
	words = slot->record.size_bytes / sizeof(__u32);
	/* bpf_loop() is of Linux 5.17; before, the chain ends at the handler. */
	if (words < SIGCONTEXT_32_WORDS ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return 0;
	bpf_loop((__u32)(words - SIGCONTEXT_32_WORDS + 1), user_stack_look_32, &search, 0);
	return search.found;
}

/* Whether the copy is of the alternate stack. */
static __always_inline bool user_stack_is_alternate(struct user_stack_slot *slot,
						    struct task_struct *task)
{
	return task->sas_ss_size != 0 &&
	       slot->record.registers[USER_STACK_WORD_SP] - task->sas_ss_sp < task->sas_ss_size;
}

/* Copies the stack that a handler of 32-bit code on the alternate stack has interrupted. Not
 * inlined and not static: beside the loop over 64-bit frames, the verifier takes ten times as long.
 */
__noinline int user_stack_copy_interrupted_32(struct user_stack_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 found;

	if (!slot || !MACHINE_MODE_IS_32BIT(slot->record.registers[USER_STACK_WORD_MODE]) ||
	    !user_stack_is_alternate(slot, task))
		return 0;
	found = user_stack_search_32(slot);
	if (found)
		user_stack_copy_other(slot, found);
	return 0;
}

/* The same in the whole copy. Not inlined and not static, as above. */
__noinline int user_stack_find_interrupted(struct user_stack_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 words;
	int found = 0;

	if (!slot)
		return 0;
	words = slot->record.size_bytes / sizeof(__u64);
	if (!user_stack_is_alternate(slot, task))
		return 0;
	for (__u32 i = 0; i < SEARCH_STEPS; i++) {
		if (i * SEARCH_WORDS >= words)
			break;
		found = user_stack_search(slot, i * SEARCH_WORDS);
		if (found)
			break;
	}
	/* The slot has bytes of older copies behind those of this one. */
	return found > 0 && (__u64)found + UCONTEXT_WORDS <= words ? found : 0;
}

/* Begins to follow the frame pointers at the stack that has just been copied. */
static __always_inline void user_stack_begin_links(struct user_stack_slot *slot, __u64 low,
						   __u64 high)
{
	slot->link.low = low;
	slot->link.high = high;
	slot->link.end = user_stack_end_of(low);
}

/* Words from the end of the alternate stack down that are searched for the frame of the first
 * handler there. That has the state of the processor above it, up to 11 KiB. */
#define SEARCH_WORDS_FIRST 2048

/* A search for that frame. */
struct user_stack_search_first {
	__u64 start; /* of the alternate stack */
	__u64 size;
	__u64 sp; /* of the interrupted code; 0: none yet */
	__u64 bp;
};

/* Looks at the words before the end. Returns 1 at the frame, or where there is no memory. It reads
 * few words at a time, as all callers together have 512 bytes of stack. */
static long user_stack_look_first(__u32 index, void *context)
{
	struct user_stack_search_first *search = context;
	__u64 end = (search->start + search->size) & ~7ull;
	const __u64 *frame = (const __u64 *)(end - 8 * UCONTEXT_WORDS - 8 * (__u64)index);
	__u64 words[3], sp;

	if (bpf_probe_read_user(words, sizeof(words), frame) != 0)
		return 1;
	if (words[0] != search->start || words[2] != search->size ||
	    bpf_probe_read_user(&sp, sizeof(sp), &frame[UCONTEXT_SP]) != 0 ||
	    sp - search->start < search->size ||
	    bpf_probe_read_user(&search->bp, sizeof(search->bp), &frame[UCONTEXT_BP]) != 0)
		return 0;
	search->sp = sp;
	return 1;
}

/* Copies the oldest frames of an alternate stack that is deeper than its copy, such as that of
 * nested handlers, and the stack that the first handler has interrupted. Returns 1 if it has, and
 * slot->link is set. Neither inlined nor static, so that the verifier checks it once. */
__noinline int user_stack_copy_first_interrupted(struct user_stack_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct user_stack_search_first search = {.start = task->sas_ss_sp,
						 .size = task->sas_ss_size};
	__u64 end = search.start + search.size;
	__u64 address = (end - USER_STACK_OTHER_BYTES) & ~7ull;

	if (!slot || !user_stack_is_alternate(slot, task) ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return 0;
	bpf_loop(SEARCH_WORDS_FIRST, user_stack_look_first, &search, 0);
	if (!search.sp)
		return 0;
	if (address < slot->last_end)
		address = slot->last_end;
	if (address < end)
		user_stack_append(slot, address, USER_STACK_OLDEST);
	slot->link.frame_pointer = search.bp;
	user_stack_begin_links(slot, search.sp, user_stack_copy_other(slot, search.sp));
	return 1;
}

/* Whether the words at a frame pointer are a higher frame pointer and an address elsewhere. */
static __always_inline bool user_stack_is_frame(__u64 frame_pointer)
{
	__u64 words[2];

	if (frame_pointer & 7 ||
	    bpf_probe_read_user(words, sizeof(words), (void *)frame_pointer) != 0)
		return false;
	return words[0] > frame_pointer && words[0] - frame_pointer < USER_STACK_FRAME_BYTES_MAX &&
	       words[1] - frame_pointer + USER_STACK_FRAME_BYTES_MAX >
		       2 * USER_STACK_FRAME_BYTES_MAX;
}

/* Follows one frame pointer, and copies the stack that it leads to unless it is the same. Returns 1
 * if there may be more. Neither inlined nor static, so that the verifier checks it once. */
__noinline int user_stack_follow_link(struct user_stack_slot *slot)
{
	__u64 from, next;

	if (!slot)
		return 0;
	from = slot->link.frame_pointer;
	if (from < slot->link.low || from >= slot->link.high) {
		if (from >= slot->link.high && from < slot->link.end)
			return 0; /* the rest of a long stack */
		if (!user_stack_is_frame(from))
			return 0;
		next = user_stack_copy_other(slot, from);
		if (!next)
			return 0;
		user_stack_begin_links(slot, from, next);
	}
	if (bpf_probe_read_user(&next, sizeof(next), (void *)from) != 0)
		return 0;
	slot->link.frame_pointer = next;
	return next > from || next < slot->link.low; /* it goes up, or elsewhere */
}

/* Finds the stack that a handler on the alternate stack has interrupted. From there or from the
 * copy it follows the frame pointers to other stacks: a goroutine calls its runtime on the stack of
 * the thread. */
__noinline int user_stack_copy_others(struct user_stack_slot *slot)
{
	__u64 low;
	int found;

	if (!slot)
		return 0;
	/* The words of 32-bit code have 4 bytes. */
	if (!MACHINE_MODE_IS_64BIT(slot->record.registers[USER_STACK_WORD_MODE]))
		return 0;
	found = user_stack_find_interrupted(slot);
	low = slot->record.address;
	slot->link.frame_pointer = slot->record.registers[USER_STACK_WORD_BP];
	if (found > 0 && found <= SEARCH_STEPS * SEARCH_WORDS + SEARCH_WORDS) {
		__u64 word = (__u64)found - 1;
		const __u64 *words;

		/* The verifier sees the limit, whichever registers a compiler compares. */
		barrier_var(word);
		words = (const __u64 *)slot->bytes + (word & SEARCH_WORDS_MASK);
		low = words[UCONTEXT_SP];
		slot->link.frame_pointer = words[UCONTEXT_BP];
		user_stack_begin_links(slot, low, user_stack_copy_other(slot, low));
	} else if (!user_stack_copy_first_interrupted(slot)) {
		user_stack_begin_links(slot, low, low + slot->record.size_bytes);
	}
	for (int i = 0; i < USER_STACK_LINKS; i++) {
		if (!user_stack_follow_link(slot))
			break;
	}
	return 0;
}

static __always_inline void user_stack_fill_copy(struct user_stack_slot *slot)
{
	slot->record.address = user_stack_first_readable(slot->record.address);
	slot->record.size_bytes = user_stack_copy_bytes(slot, slot->record.address);
	slot->record.whole = user_stack_is_whole(slot->record.address, slot->record.size_bytes);
	slot->bytes_used = slot->record.size_bytes;
	slot->last_address = slot->record.address;
	slot->last_end = slot->record.address + slot->record.size_bytes;
	user_stack_copy_interrupted_32(slot);
	user_stack_copy_others(slot);
	if (slot->with_oldest && !slot->record.whole)
		user_stack_copy_oldest(slot);
}

/* Copies the frames behind the bytes that were copied. Returns their size. */
static __always_inline __u64 user_stack_add_frames(struct user_stack_slot *slot)
{
	__u32 used = slot->bytes_used, count = slot->unwind.count;

	if (used > sizeof(slot->bytes) - USER_STACK_FRAMES_BYTES || count > UNWIND_DEPTH_MAX)
		return 0;
	asm volatile("" : "+r"(used));
	if (bpf_probe_read_kernel(&slot->bytes[used], USER_STACK_FRAMES_BYTES,
				  slot->unwind.frames) != 0)
		return 0;
	slot->record.frame_count = count;
	return count * sizeof(slot->unwind.frames[0]);
}

__noinline __u64 user_stack_output(struct user_stack_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ring_payer payer = {.number = EVENT_USER_STACK, .part = RING_PART_DEATHS};
	__u64 stack_copy_id, size;

	if (!slot)
		return USER_STACK_NONE;
	/* Here, as the programs that begin a copy have no registers left for it. Not through the
	 * trusted pointer: see task_plain(). */
	slot->record.uid = BPF_CORE_READ(task, real_cred, uid.val);
	slot->record.pid_namespace = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum);
	stack_copy_id = slot->record.stack_copy_id;
	slot->record.size_bytes = slot->record.whole = slot->record.frame_count = 0;
	__builtin_memset(slot->record.others, 0, sizeof(slot->record.others));
	slot->others_used = slot->bytes_used = 0;
	if (!slot->is_chain || slot->is_checked)
		user_stack_fill_copy(slot);
	size = sizeof(slot->record) + slot->bytes_used;
	payer.uid = &slot->record.uid;
	payer.pid_namespace = &slot->record.pid_namespace;
	if (slot->is_chain)
		size += user_stack_add_frames(slot);
	if (size > sizeof(slot->record) + sizeof(slot->bytes) ||
	    !ring_output_of(&user_stack_ring, &slot->record.header, size, &payer, slot->is_chain))
		stack_copy_id = USER_STACK_LOST;
	else if (slot->is_chain)
		unwind_chain_note(stack_copy_id, slot->unwind.now_ns);
	user_stack_release(slot);
	return stack_copy_id;
}

/* Signals whose default action is to do nothing or to stop: CHLD, CONT, URG, WINCH; STOP, TSTP,
 * TTIN, TTOU. */
#define SIGNALS_NOT_FATAL                                                                          \
	(1ull << 17 | 1ull << 18 | 1ull << 23 | 1ull << 28 | 1ull << 19 | 1ull << 20 |             \
	 1ull << 21 | 1ull << 22)

struct exit_call {
	bool is_exit; /* of a thread */
	bool is_exit_group;
	__u64 argument;
};

static __always_inline struct exit_call exit_call_of(struct task_struct *task,
						     struct pt_regs *registers, long number)
{
	if (core_is_compat_call(task))
		return (struct exit_call){
			.is_exit = number == COMPAT_SYSTEM_CALL_EXIT,
			.is_exit_group = number == COMPAT_SYSTEM_CALL_EXIT_GROUP,
			.argument = machine_compat_call_first(registers),
		};
	return (struct exit_call){
		.is_exit = number == SYSTEM_CALL_EXIT,
		.is_exit_group = number == SYSTEM_CALL_EXIT_GROUP,
		.argument = machine_call_first(registers),
	};
}

/* Only before Linux 6.16: there the memory is gone at sched_process_exit. */
SEC("tp_btf/sys_enter")
int BPF_PROG(on_exit_call, struct pt_regs *registers, long number)
{
	struct user_stack_end_key key;
	struct user_stack_end end = {.rank = USER_STACK_GUILTY};
	struct task_struct *task;
	struct exit_call call;

	if (number != SYSTEM_CALL_EXIT && number != SYSTEM_CALL_EXIT_GROUP &&
	    number != COMPAT_SYSTEM_CALL_EXIT && number != COMPAT_SYSTEM_CALL_EXIT_GROUP)
		return 0;
	task = task_current();
	if (!task)
		return 0;
	call = exit_call_of(task, registers, number);
	if (!call.is_exit && !call.is_exit_group)
		return 0;
	if (filter.failed && (call.argument & 0xff) == 0)
		return 0;
	if (!filter_task_passes(task))
		return 0;
	/* If threads exit one by one, only the last one ends the process. */
	if (call.is_exit_group || task->signal->live.counter == 1) {
		command_line_send_for_exit();
		user_stack_copy_for_end(task, USER_STACK_GUILTY, false);
	} else if (filter.threads) {
		key = user_stack_thread_key(task);
		user_stack_copy_for(&key, &end, task);
	}
	return 0;
}

/* Fatal without a handler of the program: SIG_DFL is 0, SIG_IGN 1. */
static __always_inline bool delivery_is_fatal(struct k_sigaction *action, int signal)
{
	if (signal == SIGKILL)
		return true;
	return BPF_CORE_READ(action, sa.sa_handler) == NULL &&
	       !(SIGNALS_NOT_FATAL >> (signal & 63) & 1);
}

/* A SIGKILL to a group that already exits for a reason without a core was sent to the whole
 * process, or to a thread that was noted. One that comes with exit_group() or execve() in another
 * thread says nothing about this one. */
static __always_inline enum user_stack_rank delivery_rank(struct task_struct *task, int signal)
{
	if (signal != SIGKILL)
		return USER_STACK_GUILTY;
	if ((task->signal->group_exit_code & 0x7f) == 0)
		return USER_STACK_NOTED;
	return task->pid == task->tgid ? USER_STACK_LEADER : USER_STACK_BYSTANDER;
}

/* Must be attached before on_signal_deliver, which uses the stack_copy_id. */
SEC("tp_btf/signal_deliver")
int BPF_PROG(on_fatal_deliver, int signal, struct kernel_siginfo *info, struct k_sigaction *action)
{
	struct task_struct *task = task_current();
	enum user_stack_rank rank;

	if (!task || !delivery_is_fatal(action, signal))
		return 0;
	rank = delivery_rank(task, signal);
	if (rank == USER_STACK_NOTED)
		return 0;
	if (!user_stack_settings.for_exits && !filter_signal_passes((__u32)signal))
		return 0;
	if (!filter_task_passes(task))
		return 0;
	if (user_stack_settings.for_exits)
		command_line_send_for_exit();
	user_stack_copy_for_end(task, rank, true);
	return 0;
}

struct program_file {
	__u64 inode;
	__u32 device;
	__u32 generation;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct program_file);
	__type(value, __u8);
} seen_programs SEC(".maps");

/* A program can be deleted as soon as it runs, and exit within a millisecond. Its file can only be
 * opened in between. So diag-record is woken for each program that was not seen before. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_program_start, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	__u32 uid, pid_namespace;
	const struct ring_payer payer = {&uid, &pid_namespace, EVENT_USER_STACK, RING_PART_OTHERS};
	struct program_file file = {.inode = 0};
	struct event_user_stack *record;
	struct ring_fill fill;
	void *ring;
	__u8 seen = 1;

	file.inode = BPF_CORE_READ(program, file, f_inode, i_ino);
	file.device = BPF_CORE_READ(program, file, f_inode, i_sb, s_dev);
	file.generation = BPF_CORE_READ(program, file, f_inode, i_generation);
	if (bpf_map_lookup_elem(&seen_programs, &file)) {
		/* It can map other files than before, and write a perf map. */
		if (ring_reader_is_idle)
			ring_wake_reader();
		return 0;
	}
	bpf_map_update_elem(&seen_programs, &file, &seen, BPF_ANY);
	ring = ring_of_cpu(&user_stack_ring);
	if (!ring)
		return 0;
	/* Not through the trusted pointer: see task_plain(). */
	uid = BPF_CORE_READ(task, real_cred, uid.val);
	pid_namespace = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum);
	fill = ring_fill(ring);
	record = ring_has_share(ring, &fill, sizeof(*record), &payer)
			 ? bpf_ringbuf_reserve(ring, sizeof(*record), 0)
			 : NULL;
	if (!record)
		return 0; /* diag-record is awake */
	__builtin_memset(record, 0, sizeof(*record));
	record->header.time_ns = bpf_ktime_get_boot_ns();
	record->header.cpu = bpf_get_smp_processor_id();
	record->header.kind = EVENT_USER_STACK;
	record->pid = filter_tgid(task);
	record->process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	record->uid = uid;
	record->pid_namespace = pid_namespace;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
