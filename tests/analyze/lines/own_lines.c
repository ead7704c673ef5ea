/* tests/analyze/lines/own_lines.c - a directory of debug files with the running program in it */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/analyze/lines/own_lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/trace/call_chain.h"
#include "symbols/module.h"
#include "tests/analyze/replayed.h"

#define FUNCTION "own_lines_function"

static volatile int sink;

__attribute__((noinline)) void own_lines_function(void);
/* On one line: the first address has the line of the head or that of the body. */
enum { FUNCTION_LINE = __LINE__ + 2 };
/* clang-format off */
__attribute__((noinline)) void own_lines_function(void) { sink = 42; }
/* clang-format on */

static void find_itself(struct own_lines *own)
{
	static const struct module_debug_directories none = {.count = 0};
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct module module;

	assert_true(fd >= 0);
	assert_int_equal(module_load(fd, &none, &module), SYMBOLS_OK);
	own->build_id_bytes = module.image.build_id_bytes;
	memcpy(own->build_id, module.image.build_id, own->build_id_bytes);
	for (size_t i = 0; i < module.functions.count; i++) {
		const struct function_entry *entry = &module.functions.entries[i];

		if (strcmp(module.functions.names + entry->name, FUNCTION) == 0)
			own->address = module.functions.base_address + entry->start_delta;
	}
	module_release(&module);
	close(fd);
	assert_true(own->build_id_bytes > 2);
	assert_true(own->address > 0);
}

static void copy_itself(const char *path)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat status;
	off_t at = 0;

	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &status), 0);
	while (at < status.st_size)
		assert_true(sendfile(to, from, &at, (size_t)(status.st_size - at)) > 0);
	close(from);
	close(to);
}

void own_lines_make(struct own_lines *ret_own)
{
	*ret_own = (struct own_lines){.directory = "/tmp/test_lines.XXXXXX", .line = FUNCTION_LINE};
	find_itself(ret_own);
	assert_non_null(mkdtemp(ret_own->directory));
	snprintf(ret_own->program, sizeof(ret_own->program), "%s/program", ret_own->directory);
	copy_itself(ret_own->program);
}

void own_lines_remove(struct own_lines *own)
{
	unlink(own->program);
	/* Fails if anything else was left there. */
	assert_int_equal(rmdir(own->directory), 0);
}

struct line_broker_places own_lines_places(struct own_lines *own)
{
	own->list[0] = own->directory;
	return (struct line_broker_places){.directories = own->list, .directory_count = 1};
}

int own_lines_trace(const struct own_lines *own)
{
	const struct scenario_task task = {.pid = 10, .comm = "lines"};
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);
	const struct dz_module module = {
		.path = scenario_text(&scenario, "/opt/lines"),
		.build_id = dz_writer_string(scenario.writer, own->build_id, own->build_id_bytes),
	};
	const struct dz_frame frame = {
		.module = dz_writer_module(scenario.writer, &module),
		.offset = own->address,
		.module_offset = own->address,
	};
	const struct dz_stack stack = {.frame = dz_writer_frame(scenario.writer, &frame)};

	scenario_exit(&scenario,
		      (struct dz_exit){.task = scenario_task(&scenario, &task),
				       .signal = 6,
				       .user_stack = dz_writer_stack(scenario.writer, &stack)});
	scenario_close(&scenario);
	return fd;
}

static const struct dz_frame *find_frame(struct trace *trace, const struct trace_file **ret_file)
{
	struct replayed_exit exit = replayed_exit(trace, 10, false);
	struct call_chain chain;

	call_chain_load(exit.file, exit.row.user_stack, &chain);
	assert_int_equal(chain.count, 1);
	assert_non_null(chain.frames[0]);
	*ret_file = exit.file;
	return chain.frames[0];
}

static void assert_ends_with(struct trace_text text, const char *end)
{
	assert_true(text.size >= strlen(end));
	assert_memory_equal(text.bytes + text.size - strlen(end), end, strlen(end));
}

void own_lines_assert_found(struct trace *trace)
{
	const struct trace_file *file;
	const struct dz_frame *frame = find_frame(trace, &file);

	assert_int_equal(frame->line, FUNCTION_LINE);
	assert_ends_with(trace_text(file, frame->symbol), FUNCTION);
	assert_ends_with(trace_text(file, frame->file), "tests/analyze/lines/own_lines.c");
}

void own_lines_assert_not_found(struct trace *trace)
{
	const struct trace_file *file;
	const struct dz_frame *frame = find_frame(trace, &file);

	assert_int_equal(frame->line, 0);
	assert_int_equal(frame->symbol, 0);
	assert_int_equal(frame->file, 0);
}
