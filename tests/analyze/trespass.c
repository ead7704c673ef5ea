/* tests/analyze/trespass.c - library preloaded into a reader: tries to leave the sandbox
 *
 * At the first read of an input, it does what a program that was exploited by its input must not be
 * able to do. It writes to standard error what succeeded, and exits with status 0 if nothing did.
 * With TRESPASS_IN_THREAD in the environment, it does so at the first read of another thread than
 * the first one, instead.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define FEW_BYTES  64u
#define FILE_BYTES 4096u

static bool is_open(int fd)
{
	return fd >= 0 && close(fd) == 0;
}

static bool open_for_reading(void)
{
	return is_open((int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
}

static bool open_for_writing(void)
{
	return is_open(
		(int)syscall(SYS_openat, AT_FDCWD, "trespass-made", O_WRONLY | O_CREAT, 0600));
}

static bool make_socket(void)
{
	return is_open(socket(AF_INET, SOCK_STREAM, 0)) || is_open(socket(AF_UNIX, SOCK_STREAM, 0));
}

static bool execute(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};

	/* Returns only if it fails. */
	return execve("/bin/true", arguments, NULL) == 0;
}

static bool trace_itself(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool signal_init(void)
{
	return kill(1, 0) == 0;
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool make_process(void)
{
	long pid = syscall(SYS_fork);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool load_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno == EINVAL || errno == EFAULT;
}

static bool make_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0);

	return code != MAP_FAILED && munmap(code, 4096) == 0;
}

static bool remove_file(void)
{
	return unlink("trespass-victim") == 0 || errno == ENOENT;
}

static bool change_mode(void)
{
	return fchmod(STDOUT_FILENO, 0777) == 0;
}

static bool become_root(void)
{
	return syscall(SYS_setuid, 0) == 0;
}

static const struct {
	const char *what;
	bool (*try)(void);
} trespasses[] = {
	{"open a file for reading", open_for_reading},
	{"open a file for writing", open_for_writing},
	{"make a socket", make_socket},
	{"execute a program", execute},
	{"be traced", trace_itself},
	{"signal init", signal_init},
	{"signal the parent", signal_parent},
	{"make a process", make_process},
	{"load a BPF program", load_bpf},
	{"map memory as code", make_code},
	{"remove a file", remove_file},
	{"change a mode", change_mode},
	{"become root", become_root},
};

static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static ssize_t trespass(void)
{
	int succeeded = 0;

	for (size_t i = 0; i < sizeof(trespasses) / sizeof(trespasses[0]); i++) {
		if (!trespasses[i].try())
			continue;
		succeeded = 1;
		say("could ");
		say(trespasses[i].what);
		say("\n");
	}
	say("trespassed\n");
	_exit(succeeded);
}

static pthread_t first_thread;

__attribute__((constructor)) static void remember_thread(void)
{
	first_thread = pthread_self();
}

static bool is_wanted_here(void)
{
	return !getenv("TRESPASS_IN_THREAD") == (pthread_self() == first_thread);
}

/* By any of the names that the C library has for it. */
ssize_t read_or_trespass(int fd, void *out, size_t size, off_t offset) __asm__("pread");
ssize_t read_or_trespass_64(int fd, void *out, size_t size, off_t offset) __asm__("pread64");
ssize_t read_or_trespass_checked(int fd, void *out, size_t size, off_t offset,
				 size_t out_size) __asm__("__pread_chk");

ssize_t read_or_trespass(int fd, void *out, size_t size, off_t offset)
{
	/* Telling a trace from text takes a few bytes, and is done before. */
	if (size > FEW_BYTES && is_wanted_here())
		return trespass();
	return syscall(SYS_pread64, fd, out, size, offset);
}

ssize_t read_or_trespass_64(int fd, void *out, size_t size, off_t offset)
{
	return read_or_trespass(fd, out, size, offset);
}

ssize_t read_or_trespass_checked(int fd, void *out, size_t size, off_t offset, size_t out_size)
{
	(void)out_size;
	return read_or_trespass(fd, out, size, offset);
}

/* Text is read by read(), in large pieces; entering the sandbox reads small files. */
ssize_t read_in_thread(int fd, void *out, size_t size) __asm__("read");
ssize_t read_in_thread_checked(int fd, void *out, size_t size,
			       size_t out_size) __asm__("__read_chk");

ssize_t read_in_thread(int fd, void *out, size_t size)
{
	if (size > FILE_BYTES && pthread_self() != first_thread && is_wanted_here())
		return trespass();
	return syscall(SYS_read, fd, out, size);
}

ssize_t read_in_thread_checked(int fd, void *out, size_t size, size_t out_size)
{
	(void)out_size;
	return read_in_thread(fd, out, size);
}
