/* symbols/dwarf_child.c - a sandboxed child that reads a debug file with libdw */
#include "symbols/dwarf_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/elf_image.h"

#define MEMORY_MAX_BYTES         (2048ull << 20)
#define NAME_MAX_BYTES           4095u
#define ALTERNATE_LINK_MAX_BYTES 8192u
#define FIRST_ANSWER_BYTES       65536u
#define STATUS_TOO_LONG          2 /* exit status of the child for a too long answer */

struct answer {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
};

static void limit(__rlimit_resource_t resource, rlim_t value)
{
	const struct rlimit both = {value, value};

	if (setrlimit(resource, &both) != 0)
		_exit(1);
}

static void set_limits(unsigned int time_limit_ms)
{
#if !defined(__SANITIZE_ADDRESS__)
	limit(RLIMIT_AS, MEMORY_MAX_BYTES);
#endif
	limit(RLIMIT_CPU, time_limit_ms / 1000 + 1);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NPROC, 0);
}

static int allow(scmp_filter_ctx filter, int system_call)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, system_call, 0);
}

static int add_rules(scmp_filter_ctx filter, int answer_fd)
{
	static const int plain[] = {
		SCMP_SYS(read),
		SCMP_SYS(pread64),
		SCMP_SYS(lseek),
		SCMP_SYS(fstat),
		SCMP_SYS(munmap),
		SCMP_SYS(brk),
		SCMP_SYS(exit_group),
		SCMP_SYS(rt_sigreturn),
		SCMP_SYS(mremap),
		SCMP_SYS(madvise),
		SCMP_SYS(futex),
		SCMP_SYS(getrandom),
		SCMP_SYS(exit),
		SCMP_SYS(sigaltstack),
		/* of 32-bit machines */
		SCMP_SYS(_llseek),
		SCMP_SYS(fstat64),
		SCMP_SYS(futex_time64),
	};
	int failed = 0;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		failed |= allow(filter, plain[i]);
	/* No executable memory; no write except to the answer; fstatat() of open files only. */
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)answer_fd, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				   SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(statx), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	return failed;
}

/* Other system calls fail with EPERM and do not kill: libdw looks for more files, and continues
 * without them. */
static void drop_privileges(int answer_fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed = !filter;

	if (!failed)
		failed = add_rules(filter, answer_fd) ||
			 prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_load(filter) != 0;
	if (failed)
		_exit(1);
	seccomp_release(filter);
}

/* The child has no access to other files of the caller, such as the trace and the output. */
static void close_others(const struct dwarf_files *files, int answer_fd)
{
	int kept[] = {files->debug_fd, files->alternate_fd, answer_fd};

	for (unsigned int first = 0;;) {
		unsigned int next = ~0u;

		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			if (kept[i] >= 0 && (unsigned int)kept[i] >= first &&
			    (unsigned int)kept[i] < next)
				next = (unsigned int)kept[i];
		}
		if (next > first && close_range(first, next == ~0u ? next : next - 1, 0) != 0)
			_exit(1);
		if (next == ~0u)
			return;
		first = next + 1;
	}
}

void dwarf_writer_put(struct dwarf_writer *writer, const void *bytes, size_t size)
{
	const char *at = bytes;

	if (size > writer->left_bytes)
		_exit(STATUS_TOO_LONG);
	writer->left_bytes -= size;
	while (size > 0) {
		ssize_t written = write(writer->fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			_exit(1);
		at += written;
		size -= (size_t)written;
	}
}

void dwarf_writer_put_string(struct dwarf_writer *writer, const char *string)
{
	dwarf_writer_put(writer, string, strnlen(string, NAME_MAX_BYTES));
	dwarf_writer_put(writer, "", 1);
}

bool dwarf_find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *ret_unit)
{
	Dwarf_CU *unit = NULL;

	if (dwarf_addrdie(dwarf, address, ret_unit))
		return true;
	/* Not every compiler writes .debug_aranges. */
	while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, ret_unit, NULL) == 0) {
		if (dwarf_haspc(ret_unit, address) > 0)
			return true;
	}
	return false;
}

/* dwarf_getscopes() would follow an inlined function to its definition. */
int dwarf_find_scopes(Dwarf *dwarf, Dwarf_Die *unit, uint64_t address, Dwarf_Die **ret_scopes)
{
	Dwarf_Die *found;
	Dwarf_Die innermost;
	int count = dwarf_getscopes(unit, address, &found);

	if (count <= 0)
		return 0;
	if (!dwarf_offdie(dwarf, dwarf_dieoffset(&found[0]), &innermost)) {
		free(found);
		return 0;
	}
	free(found);
	count = dwarf_getscopes_die(&innermost, ret_scopes);
	return count > 0 ? count : 0;
}

static _Noreturn void be_child(const struct dwarf_files *files, const struct dwarf_task *task,
			       int answer_fd)
{
	struct dwarf_writer writer = {.fd = answer_fd, .left_bytes = task->answer_max_bytes};
	Dwarf *dwarf;

	unsetenv("DEBUGINFOD_URLS");
	signal(SIGPIPE, SIG_DFL);
	close_others(files, answer_fd);
	set_limits(task->time_limit_ms);
	drop_privileges(answer_fd);
	dwarf = dwarf_begin(files->debug_fd, DWARF_C_READ);
	if (!dwarf)
		_exit(1);
	if (files->alternate_fd >= 0)
		dwarf_setalt(dwarf, dwarf_begin(files->alternate_fd, DWARF_C_READ));
	task->answer(dwarf, &writer, task->query);
	_exit(0);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static enum symbols_status reserve(struct answer *answer, size_t max_bytes)
{
	uint8_t *grown =
		array_grow(answer->bytes, &answer->capacity,
			   answer->size ? answer->size + 1 : FIRST_ANSWER_BYTES, 1, max_bytes);

	if (!grown)
		return answer->size >= max_bytes ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	answer->bytes = grown;
	return SYMBOLS_OK;
}

static enum symbols_status read_answer(int fd, const struct dwarf_task *task, struct answer *answer)
{
	int64_t deadline_ms = now_ms() + task->time_limit_ms;

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left_ms = deadline_ms - now_ms();
		enum symbols_status status = reserve(answer, task->answer_max_bytes);
		int readable;
		ssize_t got;

		if (status != SYMBOLS_OK)
			return status;
		readable = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
		if (readable < 0 && errno == EINTR)
			continue;
		if (readable < 0)
			return SYMBOLS_IO;
		if (readable == 0)
			return SYMBOLS_TIMEOUT;
		got = read(fd, answer->bytes + answer->size, answer->capacity - answer->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SYMBOLS_IO;
		if (got == 0)
			return SYMBOLS_OK;
		answer->size += (size_t)got;
	}
}

static enum symbols_status reap(pid_t child, enum symbols_status status)
{
	int result;

	if (status != SYMBOLS_OK)
		kill(child, SIGKILL);
	while (waitpid(child, &result, 0) < 0) {
		if (errno != EINTR)
			return SYMBOLS_IO;
	}
	if (status != SYMBOLS_OK || (WIFEXITED(result) && WEXITSTATUS(result) == 0))
		return status;
	return WIFEXITED(result) && WEXITSTATUS(result) == STATUS_TOO_LONG ? SYMBOLS_LIMIT
									   : SYMBOLS_CORRUPT;
}

enum symbols_status dwarf_child_run(const struct dwarf_files *files, const struct dwarf_task *task,
				    uint8_t **ret_answer, size_t *ret_bytes)
{
	enum symbols_status status = SYMBOLS_IO;
	struct answer answer = {.size = 0};
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return SYMBOLS_IO;
	child = fork();
	if (child == 0)
		be_child(files, task, ends[1]);
	close(ends[1]);
	if (child > 0)
		status = reap(child, read_answer(ends[0], task, &answer));
	close(ends[0]);
	if (status != SYMBOLS_OK) {
		free(answer.bytes);
		return status;
	}
	*ret_answer = answer.bytes;
	*ret_bytes = answer.size;
	return SYMBOLS_OK;
}

/* .gnu_debugaltlink: a path, which is not used, a NUL, and the build ID of the file from dwz. */
int dwarf_alternate_open(int debug_fd,
			 enum symbols_status (*open)(void *context, const uint8_t *build_id,
						     size_t build_id_bytes, int *ret_fd),
			 void *context)
{
	const struct elf_section *link;
	struct elf_image image;
	uint8_t *bytes = NULL;
	size_t size;
	int fd = -1;

	if (elf_image_open(debug_fd, &image) != SYMBOLS_OK)
		return -1;
	link = elf_image_section(&image, ".gnu_debugaltlink");
	if (link && elf_image_load_section(&image, link, ALTERNATE_LINK_MAX_BYTES, &bytes, &size) ==
			    SYMBOLS_OK) {
		struct cursor cursor = cursor_over(bytes, size);

		if (cursor_string(&cursor) &&
		    open(context, cursor.at, cursor_left(&cursor), &fd) != SYMBOLS_OK)
			fd = -1;
	}
	free(bytes);
	elf_image_release(&image);
	return fd;
}
