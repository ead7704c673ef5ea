/* tests/symbols/death.c - runs a program and captures its death as a recorder does */
#include "tests/symbols/death.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instructions.h"

#define PIECE_BYTES     1024u
#define PAGE_BYTES      4096u
#define GUARD_PAGES_MAX 16u

struct watch {
	pid_t pid;
	pid_t signaled; /* the thread that got a signal last; 0: none */
	size_t stack_bytes;
	bool captured;
	bool reported;
	bool certain; /* captured in the thread that called exit_group or got the signal */
	void (*at_death)(void *context, struct death *death);
	void *context;
	struct death *death;
};

static bool read_memory(pid_t tid, uint64_t address, void *buffer, size_t size)
{
	struct iovec local = {.iov_base = buffer, .iov_len = size};
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};

	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* After a stack overflow the stack pointer is in the guard page below the memory with the frames.
 */
static uint64_t skip_guard_pages(pid_t tid, uint64_t address)
{
	uint64_t at = address;

	for (unsigned int i = 0; i < GUARD_PAGES_MAX; i++) {
		uint8_t byte;

		if (read_memory(tid, at, &byte, 1))
			return at;
		at = (at | (PAGE_BYTES - 1)) + 1;
	}
	return address;
}

/* Copies in pieces, like the recorder: the last one may fail at the end of the stack. */
static void copy_stack(struct watch *watch, pid_t tid, uint64_t stack_pointer)
{
	uint64_t address = skip_guard_pages(tid, stack_pointer);
	struct death *death = watch->death;
	size_t used = 0;

	while (used < watch->stack_bytes) {
		size_t size = PIECE_BYTES - (address + used) % PIECE_BYTES;

		if (size > watch->stack_bytes - used)
			size = watch->stack_bytes - used;
		if (!read_memory(tid, address + used, death->stack + used, size))
			break;
		used += size;
	}
	death->copy = (struct stack_copy){
		.address = address,
		.bytes = death->stack,
		.size_bytes = used,
		.whole = used < watch->stack_bytes,
	};
}

static void read_mappings(struct death *death, pid_t tid)
{
	char name[64];
	int fd;

	mappings_release(&death->mappings);
	mappings_init(&death->mappings, tid);
	snprintf(name, sizeof(name), "/proc/%d/maps", (int)tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (mappings_read_proc(&death->mappings, fd) != SYMBOLS_OK)
		mappings_clear(&death->mappings);
	close(fd);
}

static void report(struct watch *watch)
{
	if (watch->at_death && !watch->reported)
		watch->at_death(watch->context, watch->death);
	watch->reported = true;
}

static void capture(struct watch *watch, pid_t tid)
{
	struct user_regs_struct registers;
	struct iovec part = {&registers, sizeof(registers)};
	const uint64_t *words = (const uint64_t *)&registers;
	struct death *death = watch->death;
	bool certain;

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &part) != 0)
		return;
	certain = words[MACHINE_WORD_CALL] == SYS_exit_group || tid == watch->signaled;
	if (watch->captured && (watch->certain || !certain))
		return;
	watch->captured = true;
	watch->certain = certain;
	death->pid = watch->pid;
	registers_from_pt_regs(registers_native(), words, sizeof(registers) / sizeof(uint64_t),
			       &death->registers);
	copy_stack(watch, tid, words[MACHINE_WORD_SP]);
	read_mappings(death, tid);
	if (certain)
		report(watch);
}

/* The signal to deliver; 0 for stops by ptrace. */
static int handle_stop(struct watch *watch, pid_t tid, int status)
{
	int signal_number = WSTOPSIG(status);

	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
		capture(watch, tid);
		return 0;
	}
	if (status >> 16 != 0 || signal_number == SIGTRAP || signal_number == SIGSTOP)
		return 0;
	watch->signaled = tid;
	return signal_number;
}

static bool follow(struct watch *watch)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (tid == watch->pid && !WIFSTOPPED(status)) {
			watch->death->status = status;
			if (watch->captured)
				report(watch);
			return watch->captured;
		}
		if (tid > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, tid, NULL, handle_stop(watch, tid, status));
	}
	return false;
}

static _Noreturn void run_child(char *const argv[])
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execv(argv[0], argv);
	_exit(127);
}

bool death_watch(char *const argv[], size_t stack_bytes,
		 void (*at_death)(void *context, struct death *death), void *context,
		 struct death *ret_death)
{
	struct watch watch = {
		.stack_bytes =
			stack_bytes < DEATH_STACK_MAX_BYTES ? stack_bytes : DEATH_STACK_MAX_BYTES,
		.at_death = at_death,
		.context = context,
		.death = ret_death,
	};
	int status;

	memset(ret_death, 0, sizeof(*ret_death));
	fflush(NULL);
	watch.pid = fork();
	if (watch.pid == 0)
		run_child(argv);
	if (watch.pid < 0 || waitpid(watch.pid, &status, 0) != watch.pid)
		return false;
	if (ptrace(PTRACE_SETOPTIONS, watch.pid, NULL,
		   PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE |
			   PTRACE_O_TRACEEXEC) != 0)
		return false;
	ptrace(PTRACE_CONT, watch.pid, NULL, 0);
	if (follow(&watch))
		return true;
	death_release(ret_death);
	return false;
}

void death_release(struct death *death)
{
	mappings_release(&death->mappings);
}
