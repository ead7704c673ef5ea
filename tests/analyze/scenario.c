/* tests/analyze/scenario.c - writes traces with known events */
#define _GNU_SOURCE
#include "tests/analyze/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define STEP_NS 1000000u

static void require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "scenario: %s failed\n", what);
	exit(1);
}

static enum dz_status write_pieces(void *context, const struct iovec *pieces, int count)
{
	const int *fd = context;

	for (int i = 0; i < count; i++)
		if (write(*fd, pieces[i].iov_base, pieces[i].iov_len) != (ssize_t)pieces[i].iov_len)
			return DZ_IO;
	return DZ_OK;
}

int scenario_unnamed_file(void)
{
	int fd = memfd_create("scenario", MFD_CLOEXEC);

	require(fd >= 0, "memfd_create()");
	return fd;
}

struct scenario scenario_begin(int fd, uint8_t seed)
{
	struct scenario scenario = {.now_ns = SCENARIO_START_NS};
	struct dz_file_header header = {
		.version_major = DZ_VERSION_MAJOR,
		.version_minor = DZ_VERSION_MINOR,
		.arch = DZ_ARCH_X86_64,
		.page_bytes = 4096,
		.cpu_count = 2,
		.boottime_ns = SCENARIO_START_NS,
		.monotonic_ns = SCENARIO_START_NS,
		.realtime_ns = SCENARIO_START_UNIX_NS,
	};
	int *kept = malloc(sizeof(*kept));
	struct dz_sink sink = {.context = kept, .write = write_pieces};

	require(kept != NULL, "malloc()");
	*kept = fd;
	memset(header.uuid, seed, sizeof(header.uuid));
	memset(header.boot_id, 7, sizeof(header.boot_id));
	require(dz_writer_open(&sink, &header, 3, &scenario.writer) == DZ_OK, "dz_writer_open()");
	scenario.sink_fd = kept;
	return scenario;
}

void scenario_close(struct scenario *scenario)
{
	require(dz_writer_close(scenario->writer) == DZ_OK, "dz_writer_close()");
	free(scenario->sink_fd);
}

void scenario_abandon(struct scenario *scenario)
{
	require(dz_writer_flush(scenario->writer, scenario->now_ns) == DZ_OK, "dz_writer_flush()");
	dz_writer_abandon(scenario->writer);
	free(scenario->sink_fd);
}

static void add(struct scenario *scenario, enum dz_kind kind, const void *row)
{
	require(dz_writer_add(scenario->writer, kind, row) == DZ_OK, "dz_writer_add()");
	scenario->now_ns += STEP_NS;
}

uint64_t scenario_text(struct scenario *scenario, const char *text)
{
	return text ? dz_writer_text(scenario->writer, text) : 0;
}

uint64_t scenario_task(struct scenario *scenario, const struct scenario_task *task)
{
	uint32_t tid = task->tid ? task->tid : task->pid;
	const char *process_comm = task->process_comm ? task->process_comm : task->comm;
	const struct dz_task row = {
		.pid = task->pid,
		.tid = tid,
		.process_start = scenario->now_ns - task->age_ns,
		.start = scenario->now_ns - task->age_ns,
		.comm = scenario_text(scenario, task->comm),
		.parent = task->parent,
		.uid = task->uid,
		.gid = task->uid,
		.cgroup = scenario_text(scenario, task->cgroup),
		.ns_pid = task->ns_pid ? task->ns_pid : task->pid,
		.ns_tid = tid,
		.pid_namespace = 4026531836,
		.process_comm = scenario_text(scenario, process_comm),
		.command_line = scenario_text(scenario, task->command_line),
	};

	return dz_writer_task(scenario->writer, &row);
}

static uint64_t add_frame(struct scenario *scenario, char *text, uint64_t offset)
{
	char *at = strchr(text, '@');
	const char *module = "/usr/bin/program";
	struct dz_module module_row = {.path = 0};
	struct dz_frame frame = {.offset = offset, .module_offset = 0x1000 + offset};

	if (at) {
		*at = '\0';
		module = at + 1;
	}
	frame.type = strcmp(module, "[kernel]") == 0 ? 1 : text[0] == '[' ? 3 : 0;
	if (frame.type == 1)
		frame.module_offset = 0;
	if (frame.type == 3) {
		frame = (struct dz_frame){.type = 3};
	} else {
		module_row.path = scenario_text(scenario, module);
		module_row.build_id = dz_writer_string(scenario->writer, "\x12\x34\xab\xcd", 4);
		frame.module = dz_writer_module(scenario->writer, &module_row);
	}
	frame.symbol = text[0] == '?' ? 0 : scenario_text(scenario, text);
	return dz_writer_frame(scenario->writer, &frame);
}

uint64_t scenario_stack(struct scenario *scenario, const char *frames)
{
	char *copy = strdup(frames);
	char *rest = copy;
	struct dz_stack stack = {.caller = 0};
	uint64_t offset = 0x10;

	require(copy != NULL, "strdup()");
	while (rest) {
		stack.frame = add_frame(scenario, strsep(&rest, ";"), offset);
		stack.caller = dz_writer_stack(scenario->writer, &stack);
		offset += 0x10;
	}
	free(copy);
	return stack.caller;
}

void scenario_exit(struct scenario *scenario, struct dz_exit row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_EXIT, &row);
}

void scenario_signal(struct scenario *scenario, struct dz_signal row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_SIGNAL, &row);
}

void scenario_delivery(struct scenario *scenario, struct dz_delivery row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_DELIVERY, &row);
}

void scenario_oom(struct scenario *scenario, struct dz_oom row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_OOM, &row);
}

void scenario_probe(struct scenario *scenario, struct dz_probe row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_PROBE, &row);
}

void scenario_runq(struct scenario *scenario, struct dz_runq row,
		   const struct dz_runq_holder *holders, size_t count)
{
	const uint64_t time_ns = scenario->now_ns;

	row.time = time_ns;
	add(scenario, DZ_KIND_RUNQ, &row);
	for (size_t i = 0; i < count; i++) {
		const struct dz_runq_holder holder = {
			.time = time_ns,
			.cpu = row.cpu,
			.task = row.task,
			.holder = holders[i].holder,
			.held = holders[i].held,
		};

		scenario->now_ns = time_ns;
		add(scenario, DZ_KIND_RUNQ_HOLDER, &holder);
	}
}

void scenario_cpu(struct scenario *scenario, struct dz_cpu row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_CPU, &row);
}

void scenario_offcpu(struct scenario *scenario, struct dz_offcpu row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_OFFCPU, &row);
}

void scenario_section(struct scenario *scenario, struct dz_section row)
{
	row.time = scenario->now_ns;
	add(scenario, DZ_KIND_SECTION, &row);
}

void scenario_lost(struct scenario *scenario, const char *kind, const char *reason, uint64_t count)
{
	const struct dz_lost row = {
		.time = scenario->now_ns,
		.last = scenario->now_ns + 2 * SECOND,
		.kind = scenario_text(scenario, kind),
		.reason = scenario_text(scenario, reason),
		.cpu = (uint64_t)-1,
		.count = count,
	};

	add(scenario, DZ_KIND_LOST, &row);
}

void scenario_info(struct scenario *scenario, const char *key, const char *value)
{
	const struct dz_info row = {
		.time = scenario->now_ns,
		.key = scenario_text(scenario, key),
		.value = scenario_text(scenario, value),
	};

	add(scenario, DZ_KIND_INFO, &row);
}
