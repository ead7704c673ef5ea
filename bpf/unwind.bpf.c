/* bpf/unwind.bpf.c - walks user stacks by tables of call frame information
 *
 * Each step goes from a frame to its caller by the rule for its address. Functions are global, so
 * that the verifier checks each once, for any number of frames.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/task.bpf.h"
#include "bpf/unwind.bpf.h"
#include "bpf/user_stack.h"

#define VM_EXEC 4ul

/* As in symbols/unwind_rows.h, which user space compares. */
#define UNWIND_RULE_NONE     0
#define UNWIND_RULE_OTHER    1
#define UNWIND_RULE_END      2
#define UNWIND_RULE_SIGNAL   3
#define UNWIND_RULE_REGISTER 4
#define UNWIND_RULE_LOADED   5
#define UNWIND_RULE_PLT      6

#define UNWIND_BP_SAME   0
#define UNWIND_BP_AT_CFA 1
#define UNWIND_BP_AT_BP  2
#define UNWIND_BP_LOST   3

#define UNWIND_LINK_SAME 1

/* Words of the kernel's frame for a signal handler, from BP to IP. */
#define UNWIND_SIGNAL_OFFSET 120
#define UNWIND_SIGNAL_WORDS  7
#define UNWIND_SIGNAL_SP     5
#define UNWIND_SIGNAL_IP     6

const volatile struct unwind_settings unwind_settings;
extern const volatile struct user_stack_settings user_stack_settings;

struct unwind_chain_map unwind_chains SEC(".maps");
struct unwind_count_map unwind_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNWIND_FILES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct unwind_file_key);
	__type(value, struct unwind_file);
} unwind_files SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNWIND_PAGES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct unwind_page_key);
	__type(value, struct unwind_page);
} unwind_pages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNWIND_BLOCKS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct unwind_block_key);
	__type(value, struct unwind_block);
} unwind_blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, UNWIND_RULE_COUNT);
	__type(key, __u32);
	__type(value, struct unwind_block_rule);
} unwind_rules SEC(".maps");

#if DIAG_UNWIND_TABLES

static long unwind_read_mapping(struct task_struct *task, struct vm_area_struct *area,
				struct unwind_mapping *out)
{
	struct file *file = area->vm_file;
	struct inode *inode;

	if (!(area->vm_flags & VM_EXEC))
		return 0;
	out->is_found = 1;
	out->start = area->vm_start;
	out->end = area->vm_end;
	out->file_offset = area->vm_pgoff * user_stack_settings.page_bytes;
	if (!file) {
		out->has_file = out->start == core_vdso(task->mm);
		return 0;
	}
	inode = file->f_inode;
	out->has_file = 1;
	out->key.inode = inode->i_ino;
	out->key.size_bytes = (__u64)inode->i_size;
	out->key.device = inode->i_sb->s_dev;
	core_inode_changed(inode, &out->key.changed_s, &out->key.changed_ns);
	return 0;
}

static __always_inline __u64 unwind_mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

/* Makes a segment of a file the current one. It is part of the hash, which covers files and not
 * only addresses. */
static __always_inline int unwind_use_mapped(struct unwind_state *state,
					     const struct unwind_mapped *mapped)
{
	state->mapped = *mapped;
	state->hash = unwind_mix(unwind_mix(state->hash, mapped->file), mapped->delta);
	return UNWIND_WALK_GOES_ON;
}

static __always_inline struct unwind_mapped *unwind_known_place(struct unwind_state *state,
								__u64 address)
{
	__u64 page = address >> 16;

	return &state->known[(page ^ page >> 5 ^ state->use * 37) & (UNWIND_MAPPINGS - 1)];
}

/* Makes the segment that contains the address the current one, restricted to the mapping. */
static __always_inline int unwind_use_file(struct unwind_state *state,
					   const struct unwind_mapping *mapping,
					   struct unwind_file *file, __u64 address)
{
	__u64 offset = address - mapping->start + mapping->file_offset;

#pragma unroll
	for (int i = 0; i < UNWIND_SEGMENTS_MAX; i++) {
		struct unwind_segment *segment = &file->segments[i];
		__u64 before = offset - segment->file_offset;
		struct unwind_mapped *known;

		if (offset < segment->file_offset || before >= segment->size_bytes)
			continue;
		known = unwind_known_place(state, address);
		known->start =
			address - before > mapping->start ? address - before : mapping->start;
		known->end = address - before + segment->size_bytes;
		if (known->end > mapping->end)
			known->end = mapping->end;
		known->delta = segment->delta + before - address;
		known->file = file->number;
		known->use = state->use;
		known->since_ns = state->now_ns;
		return unwind_use_mapped(state, known);
	}
	return UNWIND_WALK_NO_RULE;
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* d4af56c5c7c6 (6.1) */
struct maple_tree___unwind {
	void *ma_root;
};

struct rw_semaphore___unwind {
	atomic_long_t count;
};

struct mm_struct___unwind {
	struct maple_tree___unwind mm_mt;
	struct rw_semaphore___unwind mmap_lock;
};

#pragma clang attribute pop

/* Nodes of a maple tree: types, and words of a node. The lower bits of an entry have the type. */
#define TREE_LEAF          1u
#define TREE_RANGES        2u
#define TREE_ARANGES       3u /* also with the largest gaps */
#define TREE_LEVELS        8
#define TREE_PIVOTS        15u
#define TREE_SLOTS_AT      16u
#define TREE_END_AT        248u /* a byte: the last slot in use, if the last pivot is not */
#define TREE_ARANGE_PIVOTS 9u
#define TREE_ARANGE_SLOTS  10u
#define TREE_ARANGE_END_AT 240u
#define TREE_NODE_MASK     255ull
#define TREE_WRITER        1ul /* of the lock of mappings: RWSEM_WRITER_LOCKED */

/* Whether mappings can be found without their lock, which a program cannot take twice with
 * interrupts off. */
static __always_inline bool unwind_reads_tree(void)
{
	return core_counts_changes_of_mappings() &&
	       bpf_core_field_exists(struct mm_struct___unwind, mm_mt.ma_root);
}

/* 1 if left <= right, else 0. Without a branch: the verifier follows both sides of each, and the
 * processor guesses every second one of a search wrong. */
static __always_inline __u32 unwind_at_most(__u32 left, __u32 right)
{
	__u64 difference = (__u64)left - right - 1;

	barrier_var(difference);
	return (__u32)(difference >> 63);
}

/* 1 if left < right, else 0. Without a branch, as unwind_at_most(). */
static __always_inline __u32 unwind_is_less(__u64 left, __u64 right)
{
	__u64 borrow = (~left & right) | (~(left ^ right) & (left - right));

	barrier_var(borrow);
	return (__u32)(borrow >> 63);
}

/* Returns the entry of a node, which is in state->node, for an address: that behind the last of the
 * ascending pivots below the address. */
static __always_inline __u64 unwind_tree_entry(const struct unwind_state *state, __u32 type,
					       __u64 address)
{
	const bool is_aranges = type == TREE_ARANGES;
	__u32 count = is_aranges ? TREE_ARANGE_PIVOTS : TREE_PIVOTS;
	__u32 slot = 0;

	if (state->node[count] == 0)
		count = ((const __u8 *)state->node)[is_aranges ? TREE_ARANGE_END_AT : TREE_END_AT];
#pragma unroll
	for (__u32 step = (TREE_PIVOTS + 1) / 2; step; step /= 2) {
		__u32 at = slot + step;

		/* The compiler must not drop the mask, which the verifier needs. */
		barrier_var(at);
		at &= UNWIND_NODE_WORDS - 1;
		slot += step *
			(unwind_at_most(at, count) & unwind_is_less(state->node[at], address));
	}
	slot += is_aranges ? TREE_ARANGE_SLOTS : TREE_SLOTS_AT;
	barrier_var(slot); /* as above, for Linux 6.1 */
	return state->node[slot & (UNWIND_NODE_WORDS - 1)];
}

/* Goes from the entry of a node, in state->entry, to the one in that node for an address. Returns
 * the type of the node; 0: the entry is none, and the tree is being changed. Neither inlined nor
 * static, so that the verifier checks it once, and not for each level. */
__noinline __u32 unwind_descend(struct unwind_state *state, __u64 address)
{
	__u32 type;

	if (!state)
		return 0;
	type = state->entry >> 3 & 15;
	if (type < TREE_LEAF || type > TREE_ARANGES ||
	    bpf_probe_read_kernel(state->node, sizeof(state->node),
				  (void *)(state->entry & ~TREE_NODE_MASK)) != 0)
		return 0;
	state->entry = unwind_tree_entry(state, type, address);
	return type;
}

/* Returns the address of the struct vm_area_struct that the tree has for an address; 0: none, or
 * the tree is being changed. */
static __always_inline __u64 unwind_search_tree(struct unwind_state *state,
						struct mm_struct___unwind *memory, __u64 address)
{
	state->entry = (__u64)BPF_CORE_READ(memory, mm_mt.ma_root);
	if ((state->entry & 3) != 2)
		return 0;
#pragma clang loop unroll(disable)
	for (int level = 0; level < TREE_LEVELS; level++) {
		__u32 type = unwind_descend(state, address);

		if (type == TREE_LEAF)
			return state->entry;
		if (type == 0)
			return 0;
	}
	return 0;
}

/* Finds the mapping of an address without the lock. What was read counts only if no mapping was
 * changed meanwhile. */
static __always_inline int unwind_find_in_tree(struct unwind_state *state, __u64 address,
					       struct unwind_mapping *out)
{
	struct task_struct *task = task_current();
	struct mm_struct___unwind *memory;
	struct vm_area_struct *area;
	struct inode *inode;
	__u32 version;

	if (!task)
		return UNWIND_WALK_BUSY;
	memory = (void *)task->mm;
	version = core_mappings_version(task->mm);
	if (!version || BPF_CORE_READ(memory, mmap_lock.count.counter) & TREE_WRITER)
		return UNWIND_WALK_BUSY;
	area = (struct vm_area_struct *)unwind_search_tree(state, memory, address);
	if (!area)
		return UNWIND_WALK_NO_MAPPING;
	out->start = BPF_CORE_READ(area, vm_start);
	out->end = BPF_CORE_READ(area, vm_end);
	out->file_offset = BPF_CORE_READ(area, vm_pgoff) * user_stack_settings.page_bytes;
	out->is_found = address >= out->start && address < out->end &&
			BPF_CORE_READ(area, vm_flags) & VM_EXEC;
	inode = BPF_CORE_READ(area, vm_file, f_inode);
	/* The vDSO has a key of zeros. */
	out->has_file = inode != NULL || out->start == core_vdso(task->mm);
	if (inode) {
		out->key.inode = BPF_CORE_READ(inode, i_ino);
		out->key.size_bytes = (__u64)BPF_CORE_READ(inode, i_size);
		out->key.device = BPF_CORE_READ(inode, i_sb, s_dev);
		core_inode_changed(inode, &out->key.changed_s, &out->key.changed_ns);
	}
	if (core_mappings_version(task->mm) != version ||
	    BPF_CORE_READ(memory, mmap_lock.count.counter) & TREE_WRITER)
		return UNWIND_WALK_BUSY;
	return out->is_found ? UNWIND_WALK_GOES_ON : UNWIND_WALK_NO_MAPPING;
}

/* Asks the kernel for the mapping that contains the address. */
static __always_inline int unwind_ask(struct unwind_state *state, __u64 address,
				      struct unwind_mapping *out)
{
	long status;

	if (unwind_reads_tree())
		return unwind_find_in_tree(state, address, out);
	status = bpf_find_vma(bpf_get_current_task_btf(), address, unwind_read_mapping, out, 0);
	if (status == -16) /* EBUSY */
		return UNWIND_WALK_BUSY;
	return status != 0 || !out->is_found ? UNWIND_WALK_NO_MAPPING : UNWIND_WALK_GOES_ON;
}

static __always_inline bool unwind_knows(const struct unwind_state *state,
					 const struct unwind_mapped *known, __u64 address,
					 __u64 age_ns)
{
	return known->use == state->use && address >= known->start && address < known->end &&
	       state->now_ns - known->since_ns < age_ns;
}

__noinline int unwind_find_mapping(struct unwind_state *state, __u64 address)
{
	struct unwind_mapping mapping = {.is_found = 0};
	struct unwind_mapped *known;
	struct unwind_file *file;
	int end;

	/* Since 7c7e3d31e785 (5.17). */
	if (!state || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma))
		return UNWIND_WALK_NO_MAPPING;
	known = unwind_known_place(state, address);
	if (unwind_knows(state, known, address, UNWIND_MAPPINGS_NS))
		return unwind_use_mapped(state, known);
	end = unwind_ask(state, address, &mapping);
	if (end == UNWIND_WALK_BUSY && unwind_knows(state, known, address, UNWIND_MAPPINGS_MAX_NS))
		return unwind_use_mapped(state, known);
	if (end != UNWIND_WALK_GOES_ON)
		return end;
	if (!mapping.has_file)
		return UNWIND_WALK_NO_FILE;
	file = bpf_map_lookup_elem(&unwind_files, &mapping.key);
	if (!file) {
		state->lacking = mapping.key;
		state->lacking_address = address;
		return UNWIND_WALK_UNKNOWN_FILE;
	}
	file->used_ns = bpf_ktime_get_ns();
	return unwind_use_file(state, &mapping, file, address);
}

/* Describes the memory of the running task. */
static __always_inline void unwind_describe_space(struct unwind_space *out)
{
	struct task_struct *task = task_current();

	out->version = 0;
	if (!task)
		return;
	out->memory = (__u64)task->mm;
	out->number = core_memory_number(task->mm);
	if (!out->number) {
		out->process_start_ns = task->group_leader->start_boottime;
		out->exec_count = task->self_exec_id;
	}
	out->version = core_mappings_version(task->mm);
}

/* Finds which mappings are those of the running task: the ones of its memory, unchanged. Always
 * returns 0. Neither inlined nor static, so that it takes no stack of the walk, which is as deep as
 * Linux 6.1 permits. */
__noinline int unwind_enter_space(struct unwind_state *state)
{
	struct unwind_space now = {.memory = 0};
	struct unwind_space *space;

	if (!state)
		return 0;
	unwind_describe_space(&now);
	/* The kernel aligns it to more than 64 bytes. */
	space = &state->spaces[(now.memory >> 6 ^ now.memory >> 12) & (UNWIND_SPACES - 1)];
	if (!now.version || now.version != space->version || now.memory != space->memory ||
	    now.number != space->number || now.process_start_ns != space->process_start_ns ||
	    now.exec_count != space->exec_count) {
		now.use = ++state->uses;
		*space = now;
	}
	state->use = space->use;
	return 0;
}

/* Returns the block of a page that has the row for the lower 16 bits of an address. */
static __always_inline __u32 unwind_find_block(const struct unwind_page *page, __u32 low)
{
	__u32 from = 0;

#pragma unroll
	for (__u32 step = UNWIND_PAGE_BLOCKS / 2; step; step /= 2) {
		__u32 at = from + step;

		/* The compiler must not drop the mask, which the verifier of Linux 6.1 needs. */
		barrier_var(at);
		at &= UNWIND_PAGE_BLOCKS - 1;
		from += step * (unwind_at_most(at + 1, page->count) &
				unwind_at_most(page->first[at], low));
	}
	return from;
}

static __always_inline __u32 unwind_find_row(const struct unwind_block *block, __u32 low)
{
	__u32 from = 0;

#pragma unroll
	for (__u32 step = UNWIND_BLOCK_ROWS / 2; step; step /= 2) {
		__u32 at = from + step;

		/* The compiler must not drop the mask, which the verifier of Linux 6.1 needs. */
		barrier_var(at);
		at &= UNWIND_BLOCK_ROWS - 1;
		from += step * unwind_at_most(block->rows[at].low, low);
	}
	return block->rows[from & (UNWIND_BLOCK_ROWS - 1)].rule;
}

/* Returns the number of the rule for an address in the table of a file; UNWIND_RULE_NONE if there
 * is none. */
__noinline __u32 unwind_find_rule(__u32 number, __u32 delta)
{
	struct unwind_page_key page_key = {.file = number, .page = delta >> UNWIND_PAGE_SHIFT};
	struct unwind_block_key block_key = {.file = number, .page = (__u16)page_key.page};
	__u32 low = delta & ((1u << UNWIND_PAGE_SHIFT) - 1);
	struct unwind_block *block;
	struct unwind_page *page = bpf_map_lookup_elem(&unwind_pages, &page_key);

	if (!page)
		return UNWIND_RULE_NONE;
	block_key.block = (__u16)unwind_find_block(page, low);
	block = bpf_map_lookup_elem(&unwind_blocks, &block_key);
	return block ? unwind_find_row(block, low) : UNWIND_RULE_NONE;
}

/* Returns the rule for an address in the table of the current file; NULL if there is none. */
static __always_inline const struct unwind_block_rule *unwind_rule_of(struct unwind_state *state,
								      __u32 delta)
{
	__u32 file = state->mapped.file;
	__u32 index = (delta ^ delta >> 10 ^ file * 0x9e5u) & (UNWIND_CACHE_ROWS - 1);
	struct unwind_cached_row *cached = &state->cache[index];
	const struct unwind_block_rule *rule;
	__u32 number;

	if (cached->number && cached->file == file && cached->delta == delta)
		return &cached->rule;
	number = unwind_find_rule(file, delta);
	rule = bpf_map_lookup_elem(&unwind_rules, &number);
	if (!rule)
		return NULL;
	cached->file = file;
	cached->delta = delta;
	cached->number = number;
	cached->rule = *rule;
	return &cached->rule;
}

/* Reads a word of the stack, mostly from the window. */
static __always_inline bool unwind_load(struct unwind_state *state, __u64 address, __u64 *ret_value)
{
	__u64 offset = address - state->window;
	__u32 index = (__u32)offset >> 3;

	/* The compiler must not drop the mask below, which the verifier needs. */
	asm volatile("" : "+r"(index));
	if (state->window && !(offset & 7) && offset < sizeof(state->words)) {
		*ret_value = state->words[index & (UNWIND_WINDOW_WORDS - 1)];
		return true;
	}
	return bpf_probe_read_user(ret_value, sizeof(*ret_value), (void *)address) == 0;
}

/* Moves the window so that it begins at `from`, unless it has all words up to the CFA. One long
 * read costs as much as one of a word, and serves the next frames too. */
static __always_inline void unwind_move_window(struct unwind_state *state, __u64 from, __u64 cfa)
{
	if (state->window && from >= state->window && cfa - state->window <= sizeof(state->words))
		return;
	state->window = 0;
	if (bpf_probe_read_user(state->words, sizeof(state->words), (void *)from) == 0)
		state->window = from;
}

/* Neither inlined nor static, so that its words take no stack while a mapping is found: Linux 6.1
 * permits no deeper one. */
__noinline int unwind_from_signal(struct unwind_state *state)
{
	__u64 words[UNWIND_SIGNAL_WORDS];

	if (!state)
		return UNWIND_WALK_NO_MAPPING;
	state->frames[(state->count - 1) & UNWIND_DEPTH_MAX] |= UNWIND_FRAME_IS_SIGNAL;
	if (bpf_probe_read_user(words, sizeof(words), (void *)(state->sp + UNWIND_SIGNAL_OFFSET)))
		return UNWIND_WALK_UNREADABLE;
	state->bp = words[0];
	state->sp = words[UNWIND_SIGNAL_SP];
	state->pc = words[UNWIND_SIGNAL_IP];
	state->is_bp_lost = 0;
	state->is_exact = 1;
	state->hash = unwind_mix(state->hash, UNWIND_FRAME_IS_SIGNAL);
	return UNWIND_WALK_GOES_ON;
}

static __always_inline int unwind_find_cfa(struct unwind_state *state,
					   const struct unwind_block_rule *rule, __u64 *ret_cfa)
{
	__u64 value = rule->is_bp ? state->bp : state->sp;

	if (rule->is_bp && state->is_bp_lost)
		return UNWIND_WALK_LOST_REGISTER;
	value += (__s64)rule->cfa_offset;
	if (rule->kind == UNWIND_RULE_PLT) {
		value = state->sp + 8;
		if ((__s32)(state->pc & 15) >= rule->addend)
			value += 8;
	} else if (rule->kind == UNWIND_RULE_LOADED) {
		if (!unwind_load(state, value, &value))
			return UNWIND_WALK_UNREADABLE;
		value += (__s64)rule->addend;
	}
	*ret_cfa = value;
	/* A function that calls no other one can have no frame. */
	if (MACHINE_HAS_LINK && value == state->sp && state->is_exact)
		return UNWIND_WALK_GOES_ON;
	return value > state->sp ? UNWIND_WALK_GOES_ON : UNWIND_WALK_DAMAGED;
}

static __always_inline int unwind_find_bp(struct unwind_state *state,
					  const struct unwind_block_rule *rule, __u64 cfa)
{
	__u64 address = cfa + (__s64)rule->bp_offset;

	if (rule->bp_kind == UNWIND_BP_SAME)
		return UNWIND_WALK_GOES_ON;
	if (rule->bp_kind == UNWIND_BP_AT_BP) {
		if (state->is_bp_lost)
			return UNWIND_WALK_LOST_REGISTER;
		address = state->bp + (__s64)rule->bp_offset;
	}
	state->is_bp_lost = rule->bp_kind == UNWIND_BP_LOST;
	if (!state->is_bp_lost && !unwind_load(state, address, &state->bp))
		return UNWIND_WALK_UNREADABLE;
	return UNWIND_WALK_GOES_ON;
}

static __always_inline int unwind_find_return(struct unwind_state *state,
					      const struct unwind_block_rule *rule, __u64 cfa)
{
	if (MACHINE_HAS_LINK && rule->link_kind == UNWIND_LINK_SAME) {
		/* What a function that was called has done to the register is not known. */
		if (!state->is_exact)
			return UNWIND_WALK_OTHER_RULE;
		state->pc = state->link;
	} else if (!unwind_load(state, cfa + (MACHINE_HAS_LINK ? (__s64)rule->addend : -8),
				&state->pc)) {
		return UNWIND_WALK_UNREADABLE;
	}
	state->pc &= MACHINE_CODE_MASK;
	return UNWIND_WALK_GOES_ON;
}

static __always_inline int unwind_by_rule(struct unwind_state *state,
					  const struct unwind_block_rule *rule)
{
	__u64 cfa = 0, from;
	int end;

	if (rule->kind == UNWIND_RULE_END)
		return UNWIND_WALK_COMPLETE;
	if (rule->kind == UNWIND_RULE_SIGNAL)
		return unwind_from_signal(state);
	if (rule->kind == UNWIND_RULE_NONE)
		return UNWIND_WALK_NO_RULE;
	if (rule->kind == UNWIND_RULE_OTHER)
		return UNWIND_WALK_OTHER_RULE;
	end = unwind_find_cfa(state, rule, &cfa);
	if (end != UNWIND_WALK_GOES_ON)
		return end;
	from = cfa - 16;
	if (rule->bp_kind == UNWIND_BP_AT_CFA && rule->bp_offset < -16 && rule->bp_offset >= -128)
		from = cfa + (__s64)rule->bp_offset;
	unwind_move_window(state, from, cfa);
	end = unwind_find_bp(state, rule, cfa);
	if (end != UNWIND_WALK_GOES_ON)
		return end;
	end = unwind_find_return(state, rule, cfa);
	if (end != UNWIND_WALK_GOES_ON)
		return end;
	state->sp = cfa;
	state->is_exact = 0;
	return state->pc ? UNWIND_WALK_GOES_ON : UNWIND_WALK_COMPLETE;
}

/* Adds the current frame and goes to its caller. */
__noinline int unwind_step(struct unwind_state *state)
{
	const struct unwind_block_rule *rule;
	__u64 address;
	int end;

	if (!state)
		return UNWIND_WALK_NO_MAPPING;
	address = state->pc - !state->is_exact;
	if (address < state->mapped.start || address >= state->mapped.end) {
		end = unwind_find_mapping(state, address);
		if (end != UNWIND_WALK_GOES_ON)
			return end;
	}
	if (state->count >= UNWIND_DEPTH_MAX)
		return UNWIND_WALK_TOO_DEEP;
	state->frames[state->count & UNWIND_DEPTH_MAX] =
		state->is_exact ? state->pc | UNWIND_FRAME_IS_EXACT : state->pc;
	state->count++;
	state->hash = unwind_mix(state->hash, state->pc);
	rule = unwind_rule_of(state, (__u32)(address + state->mapped.delta));
	return rule ? unwind_by_rule(state, rule) : UNWIND_WALK_NO_RULE;
}

__noinline int unwind_walk(struct unwind_state *state)
{
	int end = UNWIND_WALK_GOES_ON;
	__u64 *count;
	__u32 key;

	if (!state)
		return UNWIND_WALK_NO_MAPPING;
	state->hash = unwind_settings.seed;
	state->mapped.start = state->mapped.end = state->window = state->lacking_address = 0;
	state->count = 0;
	state->is_exact = 1;
	state->is_bp_lost = 0;
	unwind_enter_space(state);
	for (int i = 0; i <= UNWIND_DEPTH_MAX && end == UNWIND_WALK_GOES_ON; i++)
		end = unwind_step(state);
	key = (__u32)end;
	count = bpf_map_lookup_elem(&unwind_counts, &key);
	if (count)
		++*count;
	return end;
}

#else /* each stack is copied */

__noinline int unwind_walk(struct unwind_state *state)
{
	return state ? UNWIND_WALK_NO_FILE : UNWIND_WALK_NO_MAPPING;
}

#endif

char LICENSE[] SEC("license") = "GPL";
