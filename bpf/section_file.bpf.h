/* bpf/section_file.bpf.h - the file behind the descriptor of a watched system call
 *
 * The call holds the file while it runs. So if the descriptor still stands for the same file when
 * the call ends, the call was about that file, and its names can be read. Names are read from the
 * file to the root, each as it is then: a directory that is renamed meanwhile can have its old or
 * its new name. */
#ifndef BPF_SECTION_FILE_BPF_H
#define BPF_SECTION_FILE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/section_marker.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/section_step.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr___file {
	const unsigned char *name;
};

struct hlist_bl_node___file {
	struct hlist_bl_node___file *next;
	void *pprev;
};

struct inode___file {
	__u16 i_mode;
	unsigned long i_ino;
};

struct super_block___file {
	unsigned long s_magic;
};

struct dentry___file {
	struct hlist_bl_node___file d_hash;
	struct super_block___file *d_sb;
	struct dentry___file *d_parent;
	struct qstr___file d_name;
};

struct vfsmount___file {
	struct dentry___file *mnt_root;
};

struct mount___file {
	struct mount___file *mnt_parent;
	struct dentry___file *mnt_mountpoint;
	struct vfsmount___file mnt;
};

struct path___file {
	struct vfsmount___file *mnt;
	struct dentry___file *dentry;
};

struct file___file {
	struct inode___file *f_inode;
	struct path___file f_path;
};

struct fdtable___file {
	unsigned int max_fds;
	struct file___file **fd;
};

struct files_struct___file {
	struct fdtable___file *fdt;
};

struct fs_struct___file {
	struct path___file root;
};

struct task_struct___file {
	struct files_struct___file *files;
	struct fs_struct___file *fs;
};

#pragma clang attribute pop

/* Whether the first argument of a system call is a descriptor, a bit each. Set before load. */
extern const volatile __u64 section_file_calls[SECTION_FILE_CALLS / 64];

static __always_inline bool section_has_descriptor(__s32 call)
{
	__u32 number = (__u32)call;

	return number < SECTION_FILE_CALLS && section_file_calls[number / 64] >> number % 64 & 1;
}

/* Returns the address of the file behind a descriptor of the running task; 0: there is none. */
static __always_inline __u64 section_file_of(__u64 descriptor)
{
	struct task_struct___file *task = (void *)bpf_get_current_task_btf();
	struct fdtable___file *table = BPF_CORE_READ(task, files, fdt);
	struct file___file **files, *file = NULL;

	if (!table || descriptor >= BPF_CORE_READ(table, max_fds))
		return 0;
	files = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), &files[descriptor]);
	return (__u64)file;
}

/* Where the next name of a file is. */
struct section_file_walk {
	struct dentry___file *dentry;
	struct mount___file *mount;
	struct dentry___file *root; /* of the process */
	struct mount___file *root_mount;
	__u32 used;
};

static __always_inline struct mount___file *section_mount_of(struct vfsmount___file *mount)
{
	return (void *)mount - bpf_core_field_offset(struct mount___file, mnt);
}

/* Adds the name of an entry, with its NUL. Returns false, and marks the path, if there is no space
 * left, or if the name is too long or cannot be read. */
static __always_inline bool section_file_name(struct section_file *out,
					      struct section_file_walk *walk)
{
	struct dentry___file *dentry = walk->dentry;
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u32 used = walk->used;
	long size;

	barrier_var(used);
	if (used > SECTION_FILE_PATH_BYTES) {
		out->flags |= SECTION_FILE_TRUNCATED;
		return false;
	}
	size = bpf_probe_read_kernel_str(&out->names[used], SECTION_FILE_NAME_BYTES, name);
	/* As long as the space for it: its end may be missing. */
	if (size <= 0 || size >= SECTION_FILE_NAME_BYTES) {
		out->flags |= SECTION_FILE_TRUNCATED;
		return false;
	}
	out->parts++;
	walk->used = used + (__u32)size;
	return true;
}

/* Whether there is no further name: at the root of the process, or of everything that is mounted.
 */
static __always_inline bool section_file_is_at_root(const struct section_file_walk *walk)
{
	struct mount___file *mount = walk->mount;

	if (walk->dentry == walk->root && mount == walk->root_mount)
		return true;
	return walk->dentry == BPF_CORE_READ(mount, mnt.mnt_root) &&
	       mount == BPF_CORE_READ(mount, mnt_parent);
}

/* Goes one step to the root: adds a name, or goes from the root of a file system to where it is
 * mounted. Returns whether there is another one. Neither inlined nor static, so that the verifier
 * checks it once. */
__noinline int section_file_up(struct section_file *out, struct section_file_walk *walk)
{
	struct dentry___file *dentry, *parent;
	struct mount___file *mount;

	if (!out || !walk)
		return false;
	dentry = walk->dentry;
	mount = walk->mount;
	if (section_file_is_at_root(walk))
		return false;
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = BPF_CORE_READ(mount, mnt_parent);
		return true;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (!section_file_name(out, walk))
		return false;
	if (parent == dentry) {
		out->flags |= SECTION_FILE_APART;
		return false;
	}
	walk->dentry = parent;
	return true;
}

static __noinline int section_file_read(struct section_file *out, struct file___file *file)
{
	struct dentry___file *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct task_struct___file *task = (void *)bpf_get_current_task_btf();
	struct section_file_walk walk = {.dentry = dentry};
	bool is_at_end = false;

	walk.mount = section_mount_of(BPF_CORE_READ(file, f_path.mnt));
	walk.root = BPF_CORE_READ(task, fs, root.dentry);
	walk.root_mount = section_mount_of(BPF_CORE_READ(task, fs, root.mnt));
	out->mode = BPF_CORE_READ(file, f_inode, i_mode);
	out->inode = BPF_CORE_READ(file, f_inode, i_ino);
	out->file_system = BPF_CORE_READ(dentry, d_sb, s_magic);
	if (!BPF_CORE_READ(dentry, d_hash.pprev) && dentry != BPF_CORE_READ(dentry, d_parent))
		out->flags |= SECTION_FILE_DELETED;
	for (int i = 0; i < SECTION_FILE_STEPS && !is_at_end; i++)
		is_at_end = !section_file_up(out, &walk);
	if (!is_at_end && !section_file_is_at_root(&walk))
		out->flags |= SECTION_FILE_TRUNCATED;
	return 0;
}

static __always_inline bool section_is_watched(const struct section_thread *thread)
{
	return thread->sections[section_level(thread)].source == SECTION_SOURCE_SYSTEM_CALL;
}

/* Call at the start of a system call, in its section if it is watched. */
static __always_inline void section_file_begin(struct section_thread *thread,
					       struct pt_regs *registers, __s32 call)
{
	if (section_is_watched(thread))
		thread->file = section_has_descriptor(call)
				       ? section_file_of(machine_call_argument(registers, 0))
				       : 0;
}

/* Adds a step with the file to the section of a watched system call that took its threshold. Not
 * inlined: its stack space is not added to that of the caller. */
static __noinline int section_file_step(struct section_thread *thread, __u64 descriptor)
{
	struct section_draft draft = section_step_begin(
		thread, SECTION_STEP_FILE, thread->charged_ns, sizeof(struct section_file), 0);
	struct section_file *out;

	if (!draft.step)
		return 0;
	draft.step->number = (__s32)descriptor;
	out = (struct section_file *)section_step_extra(&draft);
	out->flags = 0;
	out->parts = 0;
	if (section_file_of(descriptor) == thread->file)
		section_file_read(out, (void *)thread->file);
	else
		out->flags = SECTION_FILE_REPLACED;
	return 0;
}

/* Call at the end of a system call, before its section ends. */
static __always_inline void section_file_end(struct section_thread *thread,
					     struct pt_regs *registers)
{
	const struct thread_section *section = &thread->sections[section_level(thread)];

	if (!thread->file || section->source != SECTION_SOURCE_SYSTEM_CALL)
		return;
	if (thread->charged_ns - section->start_ns >= section->threshold_ns)
		section_file_step(thread, machine_call_argument(registers, 0));
	thread->file = 0;
}

#endif
