/* tests/live/inject_calls.c - makes system calls in another process: inject_calls PID CALL...
 *
 * A CALL is "NUMBER,ARGUMENT,ARGUMENT,ARGUMENT"; an argument is a number, or a text after "=".
 * Prints what each returned, one line each. Only general registers are written: a debugger also
 * writes the extended state, whose size some versions do not know on recent processors.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX     4
#define SYSCALL_BYTES     2
#define SYSCALL_CODE      0x050f /* 0f 05 */
#define BELOW_STACK_BYTES 4096   /* beyond the red zone of 128 bytes */

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void await_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		fail("the process did not stop");
}

/* Whether the instruction before the next one is a system call. */
static int is_behind_call(pid_t pid, const struct user_regs_struct *registers)
{
	long code;

	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, registers->rip - SYSCALL_BYTES, NULL);
	return errno == 0 && (code & 0xffff) == SYSCALL_CODE;
}

/* Stops the process behind one of its system calls, where others can be made in its place. */
static struct user_regs_struct stop_behind_call(pid_t pid)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
		fail("PTRACE_ATTACH");
	await_stop(pid);
	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0)
		fail("PTRACE_GETREGS");
	for (int stops = 0; stops < 2 && !is_behind_call(pid, &registers); stops++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0) /* its entry, then its exit */
			fail("PTRACE_SYSCALL");
		await_stop(pid);
		if (stops == 1 && ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0)
			fail("PTRACE_GETREGS");
	}
	if (!is_behind_call(pid, &registers))
		fail("no system call");
	return registers;
}

/* Puts a text below the stack of the process and returns its address there. */
static uint64_t put_text(pid_t pid, const struct user_regs_struct *registers, const char *text)
{
	uint64_t address = registers->rsp - BELOW_STACK_BYTES;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): process_vm_writev() only reads it */
	struct iovec from = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) + 1};
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
	struct iovec to = {.iov_base = (void *)(uintptr_t)address, .iov_len = from.iov_len};

	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != (ssize_t)from.iov_len)
		fail("process_vm_writev");
	return address;
}

static long long inject(pid_t pid, const struct user_regs_struct *saved, char *call)
{
	struct user_regs_struct registers = *saved;
	unsigned long long values[ARGUMENTS_MAX] = {0};
	char *word;

	for (int i = 0; i < ARGUMENTS_MAX && (word = strsep(&call, ",")); i++)
		values[i] = *word == '=' ? put_text(pid, saved, word + 1)
					 : (unsigned long long)strtoll(word, NULL, 0);
	registers.rip -= SYSCALL_BYTES;
	registers.rax = values[0];
	registers.orig_rax = (unsigned long long)-1; /* nothing to restart */
	registers.rdi = values[1];
	registers.rsi = values[2];
	registers.rdx = values[3];
	registers.r10 = registers.r8 = registers.r9 = 0;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &registers) != 0 ||
	    ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0)
		fail("PTRACE_SINGLESTEP");
	await_stop(pid);
	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0)
		fail("PTRACE_GETREGS");
	return (long long)registers.rax;
}

int main(int argc, char **argv)
{
	struct user_regs_struct saved;
	pid_t pid;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: inject_calls PID NUMBER,ARGUMENT,...\n");
		return EXIT_FAILURE;
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	saved = stop_behind_call(pid);
	for (int i = 2; i < argc; i++)
		printf("%lld\n", inject(pid, &saved, argv[i]));
	/* With its own registers the kernel restarts the call that it was in. */
	if (ptrace(PTRACE_SETREGS, pid, NULL, &saved) != 0 ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0)
		fail("PTRACE_DETACH");
	return EXIT_SUCCESS;
}
