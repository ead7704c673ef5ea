/* bpf/command_line.bpf.h - the arguments of the running process
 *
 * /proc has no arguments of a process that has ended, so they are copied while the process has its
 * memory. Without --command-lines nothing is read.
 */
#ifndef BPF_COMMAND_LINE_BPF_H
#define BPF_COMMAND_LINE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"

#define COMMAND_LINE_PIECE_BYTES 64u

#define EEXIST 17

extern const volatile struct command_line_settings command_line_settings;

/* A command line that is in a ring already. After an execve() the memory differs. */
struct command_line_key {
	__u64 process_start_ns;
	__u64 memory;
	__u64 text;
	__u64 ring;
};

/* User space multiplies the number of entries by that of the groups of CPUs. */
struct command_line_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct command_line_key);
	__type(value, __u8);
};

extern struct command_line_map known_command_lines SEC(".maps");

/* A copy that reaches memory which is not resident fails as a whole, so it is made in pieces. */
static __always_inline __u32 command_line_copy(__u8 *out, __u64 from, __u64 size)
{
	__u32 done = 0;

	for (__u32 i = 0; i < COMMAND_LINE_BYTES / COMMAND_LINE_PIECE_BYTES; i++) {
		__u64 piece = size - done;

		if (done >= size || done > COMMAND_LINE_BYTES - COMMAND_LINE_PIECE_BYTES)
			break;
		if (piece > COMMAND_LINE_PIECE_BYTES)
			piece = COMMAND_LINE_PIECE_BYTES;
		if (bpf_probe_read_user(&out[done], (__u32)piece, (void *)(from + done)) != 0)
			break;
		done += (__u32)piece;
	}
	return done;
}

static __always_inline void command_line_output(struct task_struct *task, __u64 from, __u64 size,
						void *ring, __u32 ring_number, __u64 time_ns)
{
	const __u32 uid = task->real_cred->uid.val;
	const __u32 pid_namespace = task->nsproxy->pid_ns_for_children->ns.inum;
	const struct ring_payer payer = {&uid, &pid_namespace, ring_number, RING_PART_OTHERS};
	struct scratch_slot *slot = scratch_acquire();
	struct event_command_line *record;
	__u32 copied;

	if (!slot)
		return;
	record = &slot->command_line;
	record->header = (struct event_header){
		.time_ns = time_ns,
		.kind = EVENT_COMMAND_LINE,
	};
	record->process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	record->pid = (__u32)task->tgid;
	copied = command_line_copy(record->text, from,
				   size > COMMAND_LINE_BYTES ? COMMAND_LINE_BYTES : size);
	record->is_truncated = copied < size;
	if (copied <= COMMAND_LINE_BYTES)
		ring_send(ring, &record->header, sizeof(*record) - COMMAND_LINE_BYTES + copied,
			  &payer, false);
	scratch_release(slot);
}

/* Sends the command line of the running process to a ring, once. Call where its memory may still
 * exist. `time_ns` is that of the event which follows it: the process has this command line from
 * then on. On failure the process has no command line. */
static __noinline __attribute__((unused)) int command_line_send(void *ring, __u32 ring_number,
								__u64 time_ns)
{
	struct command_line_key key = {.ring = ring_key(ring_number)};
	struct task_struct *task;
	struct mm_struct *memory;
	__u64 end;
	__u8 sent = 1;

	/* First: the verifier leaves out the rest then. */
	if (!command_line_settings.wanted)
		return 0;
	task = bpf_get_current_task_btf();
	memory = task->mm;
	if (!memory || (task->flags & PF_KTHREAD))
		return 0;
	key.process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	key.memory = (__u64)memory;
	key.text = BPF_CORE_READ(memory, arg_start);
	end = BPF_CORE_READ(memory, arg_end);
	/* A map that fails for another reason does not know: to send it twice does no harm. */
	if (end > key.text &&
	    bpf_map_update_elem(&known_command_lines, &key, &sent, BPF_NOEXIST) != -EEXIST)
		command_line_output(task, key.text, end - key.text, ring, ring_number, time_ns);
	return 0;
}

/* The same to the ring of exits, before the running process ends. The clock is read only if command
 * lines are wanted. */
static __always_inline void command_line_send_for_exit(void)
{
	if (command_line_settings.wanted)
		command_line_send(&exit_ring, EVENT_EXIT, bpf_ktime_get_boot_ns());
}

#endif
