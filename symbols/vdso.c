/* symbols/vdso.c - the vDSO of 32-bit processes, which a 64-bit process does not have
 *
 * arch_prctl(ARCH_MAP_VDSO_32), which CRIU uses to restore processes, maps it into a process that
 * has no vDSO. So a child unmaps its own one first. It does nothing else, and shares no memory with
 * this process. */
#include "symbols/vdso.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/mappings.h"

#define MAP_VDSO_32    0x2002 /* ARCH_MAP_VDSO_32 of <asm/prctl.h> */
#define VDSO_MAX_BYTES 65536u
#define OWN_PARTS_MAX  8u
#define LINE_BYTES     512

/* The mappings of the vDSO and of its data. */
struct own_vdso {
	struct {
		uintptr_t start;
		size_t size_bytes;
	} parts[OWN_PARTS_MAX];
	size_t count;
};

static bool find_own(struct own_vdso *own)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[LINE_BYTES];
	unsigned long start, end;

	own->count = 0;
	if (!maps)
		return false;
	while (own->count < OWN_PARTS_MAX && fgets(line, sizeof(line), maps)) {
		if ((strstr(line, "[vdso]") || strstr(line, "[vvar")) &&
		    /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
		    sscanf(line, "%lx-%lx", &start, &end) == 2 && start < end) {
			own->parts[own->count].start = start;
			own->parts[own->count++].size_bytes = end - start;
		}
	}
	fclose(maps);
	return own->count > 0;
}

/* In the child, which is a copy of one thread: system calls only. Waits until it is killed, or its
 * parent has ended. */
static void map_and_wait(const struct own_vdso *own, int to_parent, int from_parent)
{
	char done = 0;

	for (size_t i = 0; i < own->count; i++)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address from /proc */
		if (munmap((void *)own->parts[i].start, own->parts[i].size_bytes) != 0)
			_exit(1);
#ifdef SYS_arch_prctl
	done = (char)(syscall(SYS_arch_prctl, MAP_VDSO_32, 0) > 0);
#endif
	if (!done || write(to_parent, &done, 1) != 1)
		_exit(1);
	_exit(read(from_parent, &done, 1) == 0 ? 0 : 1);
}

static enum symbols_status read_memory(pid_t pid, const struct mapping *mapping,
				       uint8_t **ret_bytes, size_t *ret_size_bytes)
{
	size_t size_bytes = (size_t)(mapping->end - mapping->start);
	struct iovec local = {.iov_len = size_bytes};
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
	struct iovec remote = {(void *)(uintptr_t)mapping->start, size_bytes};
	uint8_t *bytes = size_bytes <= VDSO_MAX_BYTES ? malloc(size_bytes) : NULL;

	if (!bytes)
		return SYMBOLS_NO_MEMORY;
	local.iov_base = bytes;
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)size_bytes) {
		free(bytes);
		return SYMBOLS_IO;
	}
	*ret_bytes = bytes;
	*ret_size_bytes = size_bytes;
	return SYMBOLS_OK;
}

static enum symbols_status copy_from(pid_t pid, uint8_t **ret_bytes, size_t *ret_size_bytes)
{
	enum symbols_status status = SYMBOLS_IO;
	struct mappings mappings;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return SYMBOLS_IO;
	mappings_init(&mappings, pid);
	status = mappings_read_proc(&mappings, fd);
	close(fd);
	if (status == SYMBOLS_OK)
		status = SYMBOLS_NOT_FOUND;
	for (size_t i = 0; i < mappings.count && status == SYMBOLS_NOT_FOUND; i++)
		if (mappings.entries[i].kind == MAPPING_VDSO)
			status = read_memory(pid, &mappings.entries[i], ret_bytes, ret_size_bytes);
	mappings_release(&mappings);
	return status;
}

static enum symbols_status copy_from_child(const int to_child[2], const int from_child[2],
					   uint8_t **ret_bytes, size_t *ret_size_bytes)
{
	enum symbols_status status = SYMBOLS_NOT_FOUND;
	struct own_vdso own;
	pid_t pid;
	char done;

	pid = find_own(&own) ? fork() : -1;
	if (pid < 0) {
		close(from_child[1]);
		return SYMBOLS_IO;
	}
	if (pid == 0) {
		close(to_child[1]); /* otherwise it would wait for itself */
		map_and_wait(&own, from_child[1], to_child[0]);
	}
	close(from_child[1]);
	if (read(from_child[0], &done, 1) == 1)
		status = copy_from(pid, ret_bytes, ret_size_bytes);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return status;
}

enum symbols_status vdso_copy_32bit(uint8_t **ret_bytes, size_t *ret_size_bytes)
{
	enum symbols_status status;
	int to_child[2], from_child[2];

	if (pipe2(to_child, O_CLOEXEC) != 0)
		return SYMBOLS_IO;
	if (pipe2(from_child, O_CLOEXEC) != 0) {
		close(to_child[0]);
		close(to_child[1]);
		return SYMBOLS_IO;
	}
	status = copy_from_child(to_child, from_child, ret_bytes, ret_size_bytes);
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	return status;
}
