/* bpf/section_quota.bpf.h - quotas of what sections take, for each user and pid namespace
 *
 * An owner may take another one while it has at most as many as are free. So one owner alone gets
 * half of all, two get a third each, and there is always one for an owner who has none.
 */
#ifndef BPF_SECTION_QUOTA_BPF_H
#define BPF_SECTION_QUOTA_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* Owners that find no place here have none of these. */
struct section_owner_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SECTION_OWNERS_MAX);
	__type(key, __u64);
	__type(value, struct section_owner);
};

/* Written by user space alone. */
struct section_owner_returns_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SECTION_OWNERS_MAX);
	__type(key, __u64);
	__type(value, struct section_owner_returns);
};

/* Processes that have histograms; when each has ended, CLOCK_BOOTTIME, or 0. User space removes
 * those that have. */
struct section_process_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SECTION_HISTOGRAMS_MAX);
	__type(key, struct section_process_key);
	__type(value, __u64);
};

/* How many of them have ended so far. */
extern __u64 section_processes_ended;

extern struct section_process_map section_processes SEC(".maps");
extern struct section_owner_map section_owners SEC(".maps");
extern struct section_owner_returns_map section_returns SEC(".maps");

/* Takes one of `count` for the owner. Returns false if it has as many as it may. Neither inlined
 * nor static, so that the verifier checks it once (section.bpf.c). */
int section_quota_take(__u64 owner, __u32 resource, __u32 count);

/* Returns one that section_quota_take() took. */
int section_quota_return(__u64 owner, __u32 resource);

static __always_inline __u64 section_owner_of(const struct event_task *task)
{
	return SECTION_OWNER(task->uid, task->pid_namespace);
}

#endif
