/* symbols/debug_lines_child.c - the sandboxed child that reads debug files with libdw */
#include "symbols/debug_lines_child.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY_MAX_BYTES (2048ull << 20)
#define NAME_MAX_BYTES   4095u

struct writer {
	int fd;
	size_t left_bytes; /* of the answer */
	uint32_t address_index;
	Dwarf *dwarf;
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

static int add_rules(scmp_filter_ctx filter, const struct debug_lines_files *files)
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
				   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)files->answer_fd, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				   SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(statx), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	return failed;
}

/* Other system calls fail with EPERM and do not kill: libdw looks for more files, and continues
 * without them. */
static void drop_privileges(const struct debug_lines_files *files)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed = !filter;

	if (!failed)
		failed = add_rules(filter, files) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			 seccomp_load(filter) != 0;
	if (failed)
		_exit(1);
	seccomp_release(filter);
}

/* The child has no access to other files of the caller, such as the trace and the output. */
static void close_others(const struct debug_lines_files *files)
{
	int kept[] = {files->debug_fd, files->alternate_fd, files->answer_fd};

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

static void write_all(struct writer *writer, const void *bytes, size_t size)
{
	const char *at = bytes;

	if (size > writer->left_bytes)
		_exit(1);
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

static void write_string(struct writer *writer, const char *string)
{
	write_all(writer, string, strnlen(string, NAME_MAX_BYTES));
	write_all(writer, "", 1);
}

static void write_line(struct writer *writer, const struct debug_line *line)
{
	const uint32_t inlined = line->inlined;
	uint8_t head[2 * sizeof(uint32_t) + sizeof(uint64_t) + sizeof(uint32_t)];

	memcpy(head, &writer->address_index, 4);
	memcpy(head + 4, &line->line, 4);
	memcpy(head + 8, &line->offset, 8);
	memcpy(head + 16, &inlined, 4);
	write_all(writer, head, sizeof(head));
	write_string(writer, line->function);
	write_string(writer, line->file);
}

static const char *function_name(Dwarf_Die *die)
{
	static const unsigned int linkage_names[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name};
	const char *name = NULL;
	Dwarf_Attribute attribute;

	for (size_t i = 0; i < 2 && !name; i++) {
		if (dwarf_attr_integrate(die, linkage_names[i], &attribute))
			name = dwarf_formstring(&attribute);
	}
	if (!name)
		name = dwarf_diename(die);
	return name ? name : "";
}

/* The line from which an inlined function was called, in the function around it. */
static void take_call_site(Dwarf_Die *unit, Dwarf_Die *inlined, struct debug_line *line)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;
	Dwarf_Files *files;
	size_t count;
	const char *file = NULL;

	line->file = "";
	line->line = 0;
	if (dwarf_attr(inlined, DW_AT_call_line, &attribute) &&
	    dwarf_formudata(&attribute, &number) == 0)
		line->line = (uint32_t)number;
	if (dwarf_attr(inlined, DW_AT_call_file, &attribute) &&
	    dwarf_formudata(&attribute, &number) == 0 &&
	    dwarf_getsrcfiles(unit, &files, &count) == 0 && number < count)
		file = dwarf_filesrc(files, (size_t)number, NULL, NULL);
	if (file)
		line->file = file;
}

static void take_source_line(Dwarf_Die *unit, uint64_t address, struct debug_line *line)
{
	Dwarf_Line *source = dwarf_getsrc_die(unit, address);
	const char *file;
	int number;

	if (!source)
		return;
	file = dwarf_linesrc(source, NULL, NULL);
	if (file)
		line->file = file;
	if (dwarf_lineno(source, &number) == 0 && number > 0)
		line->line = (uint32_t)number;
}

static bool find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *ret_unit)
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

/* Finds the scopes around an address as they are nested in the code. dwarf_getscopes() would follow
 * an inlined function to its definition. */
static int find_scopes(Dwarf *dwarf, Dwarf_Die *unit, uint64_t address, Dwarf_Die **ret_scopes)
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

static uint64_t offset_in(Dwarf_Die *function, uint64_t address)
{
	Dwarf_Addr start;

	return dwarf_entrypc(function, &start) == 0 && start <= address ? address - start : 0;
}

static void write_lines_at(struct writer *writer, uint64_t address)
{
	struct debug_line line = {.function = "", .file = ""};
	unsigned int nesting = 0;
	Dwarf_Die *scopes = NULL;
	Dwarf_Die unit;
	int count;

	if (!find_unit(writer->dwarf, address, &unit))
		return;
	take_source_line(&unit, address, &line);
	count = find_scopes(writer->dwarf, &unit, address, &scopes);
	for (int i = 0; i < count && nesting < DEBUG_LINES_NESTING_MAX; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		line.function = function_name(&scopes[i]);
		line.inlined = tag == DW_TAG_inlined_subroutine;
		line.offset = line.inlined ? 0 : offset_in(&scopes[i], address);
		write_line(writer, &line);
		nesting++;
		if (!line.inlined)
			break;
		take_call_site(&unit, &scopes[i], &line);
	}
	free(scopes);
	if (nesting == 0 && line.line > 0)
		write_line(writer, &line);
}

void debug_lines_child_run(const struct debug_lines_query *query,
			   const struct debug_lines_files *files)
{
	struct writer writer = {
		.fd = files->answer_fd,
		.left_bytes = DEBUG_LINES_ANSWER_MAX_BYTES,
	};

	unsetenv("DEBUGINFOD_URLS");
	signal(SIGPIPE, SIG_DFL);
	close_others(files);
	set_limits(query->time_limit_ms);
	drop_privileges(files);
	writer.dwarf = dwarf_begin(files->debug_fd, DWARF_C_READ);
	if (!writer.dwarf)
		_exit(1);
	if (files->alternate_fd >= 0)
		dwarf_setalt(writer.dwarf, dwarf_begin(files->alternate_fd, DWARF_C_READ));
	for (size_t i = 0; i < query->address_count; i++) {
		writer.address_index = (uint32_t)i;
		write_lines_at(&writer, query->addresses[i]);
	}
	_exit(0);
}
