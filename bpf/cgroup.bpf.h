/* bpf/cgroup.bpf.h - the control group of a task, and its path
 *
 * On a machine with both hierarchies a task can be in the root of one and deep in the other. Its
 * group is the one in the default hierarchy (version 2), unless that is the root. Then it is the
 * one of the memory or pids controller of version 1.
 */
#ifndef BPF_CGROUP_BPF_H
#define BPF_CGROUP_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"

#define CGROUP_DEPTH_MAX  16
#define CGROUP_NAME_BYTES 256

/* Groups whose names are in a ring already. If the LRU map evicts one, its names are sent again.
 * User space multiplies the number of entries by that of the groups of CPUs. */
struct cgroup_key {
	__u64 id;
	__u32 hierarchy;
	__u32 ring;
};

struct cgroup_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct cgroup_key);
	__type(value, __u8);
};

/* Those that this CPU looked for last. */
#define CGROUP_RECENT 8u /* a power of two */

struct cgroup_recent {
	__u64 ids[CGROUP_RECENT];
	__u64 checks[CGROUP_RECENT];
};

struct cgroup_recent_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgroup_recent);
};

extern struct cgroup_map known_cgroups SEC(".maps");
extern struct cgroup_recent_map recent_cgroups SEC(".maps");

static __always_inline struct cgroup *cgroup_of_controller(struct css_set *groups, int controller)
{
	struct cgroup_subsys_state *state = groups->subsys[controller];

	return state ? state->cgroup : NULL;
}

static __always_inline bool cgroup_is_root(struct cgroup *cgroup)
{
	return cgroup->level == 0;
}

static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct css_set *groups = task->cgroups;
	struct cgroup *own = groups->dfl_cgrp;
	struct cgroup *other = NULL;

	if (!cgroup_is_root(own))
		return own;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		other = cgroup_of_controller(
			groups, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	if (other && !cgroup_is_root(other))
		return other;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		other = cgroup_of_controller(
			groups, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	return other && !cgroup_is_root(other) ? other : own;
}

/* Whether the task is in the group with that id, or below it. */
static __always_inline bool cgroup_is_within(struct task_struct *task, __u32 tree, __u64 id)
{
	struct cgroup *cgroup;
	struct kernfs_node *node;

	if (tree == FILTER_CGROUP_DEFAULT)
		cgroup = task->cgroups->dfl_cgrp;
	else
		cgroup = cgroup_of_controller(task->cgroups, (int)(tree - FILTER_CGROUP_V1));
	node = cgroup ? cgroup->kn : NULL;
	for (int depth = 0; depth < CGROUP_DEPTH_MAX && node; depth++) {
		if (BPF_CORE_READ(node, id) == id)
			return true;
		node = core_kernfs_parent(node);
	}
	return false;
}

/* Writes the names from the group up to the root, which has none, to the record. `node` is the
 * address of the group's struct kernfs_node. Always returns 0. Neither inlined nor static, so that
 * the verifier checks it once (shared.bpf.c). */
int cgroup_collect_names(__u64 node, struct event_cgroup *record);

/* Sends the names of a group. On failure the next record of the group tries again; this one has no
 * name of it. */
static __noinline int cgroup_send(const struct cgroup_key *key, struct kernfs_node *node,
				  void *ring, const struct event_task *task)
{
	struct ring_payer payer = ring_payer(task, key->ring, true);
	struct scratch_slot *slot = scratch_acquire();
	__u64 size;
	bool sent;

	if (!slot)
		return false;
	slot->cgroup.header = (struct event_header){
		.time_ns = bpf_ktime_get_boot_ns(),
		.kind = EVENT_CGROUP,
	};
	slot->cgroup.id = key->id;
	slot->cgroup.hierarchy = (__u16)key->hierarchy;
	slot->cgroup.is_truncated = 0;
	cgroup_collect_names((__u64)node, &slot->cgroup);
	size = sizeof(struct event_cgroup) - EVENT_CGROUP_NAMES_MAX + slot->cgroup.names_bytes;
	sent = size <= sizeof(struct event_cgroup) &&
	       ring_send(ring, &slot->header, size, &payer, false) == RING_SENT;
	scratch_release(slot);
	return sent;
}

#define CGROUP_MIX 0x9e3779b97f4a7c15ull

/* Depends on all of the key. An interrupt can come between an id and its check: then neither key is
 * found. */
static __always_inline __u64 cgroup_check(const struct cgroup_key *key)
{
	return key->id * CGROUP_MIX + ((__u64)key->ring << 32 | key->hierarchy) + 1;
}

/* Sends the names of a group to that ring once. The owner of the task pays for them. Returns
 * whether they are there. */
static __always_inline bool cgroup_name(const struct cgroup_key *key, struct kernfs_node *node,
					void *ring, const struct event_task *task)
{
	__u8 sent = 1;

	if (bpf_map_lookup_elem(&known_cgroups, key))
		return true;
	if (!cgroup_send(key, node, ring, task))
		return false;
	bpf_map_update_elem(&known_cgroups, key, &sent, BPF_ANY);
	return true;
}

/* Fills in the group of a task, and sends its names to that ring once. */
static __always_inline void cgroup_fill(struct event_task *out, struct task_struct *task,
					void *ring, __u32 ring_number)
{
	struct cgroup *cgroup = cgroup_of(task);
	struct cgroup_key key = {.ring = ring_key(ring_number)};
	struct cgroup_recent *recent;
	__u32 zero = 0;
	__u64 check, at;

	if (!cgroup)
		return;
	out->cgroup_id = key.id = cgroup->kn->id;
	out->cgroup_hierarchy = (__u16)cgroup->root->hierarchy_id;
	key.hierarchy = out->cgroup_hierarchy;
	recent = bpf_map_lookup_elem(&recent_cgroups, &zero);
	check = cgroup_check(&key);
	at = (check ^ check >> 32) & (CGROUP_RECENT - 1);
	if (!recent || (recent->ids[at] == key.id && recent->checks[at] == check))
		return;
	if (cgroup_name(&key, BPF_CORE_READ(cgroup, kn), ring, out)) {
		recent->ids[at] = key.id;
		recent->checks[at] = check;
	}
}

/* Fills in the running task and its group, whose names are sent to the ring of exits, if `for_exit`
 * is 1, or of signals. Always returns 0. Neither inlined nor static, as above. */
int cgroup_fill_current(struct event_task *out, __u32 for_exit);

#endif
