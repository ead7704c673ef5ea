/* tests/format/sample_trace.c - makes .dz files in memory */
#include "tests/format/sample_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dz/schema.h>

#define START_NS   3600000000000u
#define MAX_FIELDS 32u
#define ROW_FITS(number, NAME, name, subject, select, meaning)                                     \
	_Static_assert(sizeof(struct dz_##name) <= MAX_FIELDS * sizeof(uint64_t), #name);
DZ_KINDS(ROW_FITS)
#undef ROW_FITS
#define SECOND_NS     1000000000u
#define GENERATION_NS 61000000000u

static enum dz_status append(void *context, const struct iovec *pieces, int count)
{
	struct sample_file *file = context;

	if (file->limited && file->writes_left-- == 0) {
		file->writes_left = 0;
		return DZ_IO;
	}
	for (int i = 0; i < count; i++) {
		while (file->capacity - file->size < pieces[i].iov_len) {
			size_t capacity = file->capacity ? file->capacity * 2 : 65536;
			uint8_t *data = realloc(file->data, capacity);

			if (!data)
				return DZ_IO;
			file->data = data;
			file->capacity = capacity;
		}
		memcpy(file->data + file->size, pieces[i].iov_base, pieces[i].iov_len);
		file->size += pieces[i].iov_len;
	}
	return DZ_OK;
}

struct dz_sink sample_sink(struct sample_file *file)
{
	return (struct dz_sink){.context = file, .write = append};
}

struct dz_file_header sample_header(uint64_t seed)
{
	struct dz_file_header header = {
		.version_major = DZ_VERSION_MAJOR,
		.version_minor = DZ_VERSION_MINOR,
		.arch = DZ_ARCH_X86_64,
		.page_bytes = 4096,
		.cpu_count = 2,
		.boottime_ns = START_NS,
		.monotonic_ns = START_NS - 5 * (uint64_t)SECOND_NS,
		.realtime_ns = 1700000000u * (uint64_t)SECOND_NS,
	};

	for (size_t i = 0; i < sizeof(header.uuid); i++) {
		header.uuid[i] = (uint8_t)sample_random(&seed);
		header.boot_id[i] = (uint8_t)(i * 17);
	}
	return header;
}

uint64_t sample_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t random_string(struct dz_writer *writer, uint64_t *random)
{
	static const char *const texts[] = {"bash",
					    "ceph-osd",
					    "nginx: worker",
					    "/usr/lib/x86_64-linux-gnu/libc.so.6",
					    "main",
					    "abort",
					    "",
					    "<b>;\x1b[31m\"\n",
					    "\xff\xfe",
					    "epoll_wait"};
	char text[32];

	switch (sample_random(random) % 4) {
	case 0:
		snprintf(text, sizeof(text), "worker-%u", (unsigned)(sample_random(random) % 500));
		return dz_writer_text(writer, text);
	case 1:
		return 0;
	default:
		return dz_writer_text(
			writer, texts[sample_random(random) % (sizeof(texts) / sizeof(texts[0]))]);
	}
}

static uint32_t random_stack(struct dz_writer *writer, uint64_t *random)
{
	uint32_t caller = 0;

	for (uint64_t depth = sample_random(random) % 12; depth > 0; depth--) {
		struct dz_module module = {.path = dz_writer_text(writer, "/usr/bin/app"),
					   .build_id = random_string(writer, random)};
		struct dz_frame frame = {.type = sample_random(random) % 4,
					 .module = dz_writer_module(writer, &module),
					 .symbol = random_string(writer, random),
					 .offset = sample_random(random) % 64 * 8,
					 .line = sample_random(random) % 3};
		struct dz_stack stack = {.caller = caller,
					 .frame = dz_writer_frame(writer, &frame)};

		caller = dz_writer_stack(writer, &stack);
	}
	return caller;
}

static uint32_t random_task(struct dz_writer *writer, uint64_t *random, uint32_t parents)
{
	uint64_t pid = 1000 + sample_random(random) % 300;
	struct dz_task task = {
		.pid = pid,
		.tid = pid,
		.process_start = pid * 1234567,
		.start = pid * 1234567,
		.comm = random_string(writer, random),
		.uid = sample_random(random) % 8 ? 0 : 4294967295u,
		.cgroup = dz_writer_text(writer, "/user.slice"),
		.ns_pid = pid,
		.ns_tid = pid,
	};

	if (parents)
		task.parent = random_task(writer, random, parents - 1);
	return dz_writer_task(writer, &task);
}

static uint64_t random_value(struct dz_writer *writer, enum dz_type type, uint64_t *random)
{
	static const uint64_t edges[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 255};
	uint64_t number = sample_random(random);

	switch (type) {
	case DZ_TYPE_FLAG:
		return number & 1;
	case DZ_TYPE_TIME:
		return START_NS + number % SECOND_NS;
	case DZ_TYPE_STRING:
		return random_string(writer, random);
	case DZ_TYPE_STACK:
		return random_stack(writer, random);
	case DZ_TYPE_TASK:
		return random_task(writer, random, 2);
	case DZ_TYPE_UINT:
	case DZ_TYPE_INT:
		if (number % 16 == 0)
			return edges[number / 16 % (sizeof(edges) / sizeof(edges[0]))];
		return (number >> 8) % 1000;
	case DZ_TYPE_MODULE:
	case DZ_TYPE_FRAME:
	case DZ_TYPE_BYTES:
		break;
	}
	return 0;
}

enum dz_status sample_add_all_kinds(struct dz_writer *writer, uint32_t rows, uint64_t seed)
{
	const struct dz_kind_schema *kinds;
	uint64_t random = seed;
	size_t kind_count;

	kinds = dz_schema_kinds(&kind_count);
	for (uint32_t i = 0; i < rows; i++) {
		for (size_t k = 0; k < kind_count; k++) {
			uint64_t row[MAX_FIELDS];
			enum dz_status status;

			if (kinds[k].kind < DZ_KIND_FIRST_NOT_DICTIONARY ||
			    kinds[k].kind == DZ_KIND_INDEX)
				continue;
			for (uint32_t f = 0; f < kinds[k].field_count; f++)
				row[f] = random_value(writer, kinds[k].fields[f].type, &random);
			row[0] = START_NS + (seed % 64) * GENERATION_NS + i * 1000000u +
				 sample_random(&random) % 3000000u;
			status = dz_writer_add(writer, (enum dz_kind)kinds[k].kind, row);
			if (status != DZ_OK)
				return status;
		}
	}
	return DZ_OK;
}

/* Roughly normally distributed: the sum of four. */
static uint64_t spread(uint64_t *random, uint64_t least, uint64_t width)
{
	uint64_t sum = 0;

	for (int i = 0; i < 4; i++)
		sum += sample_random(random) % (width / 4 + 1);
	return least + sum;
}

static uint32_t exit_stack(struct dz_writer *writer, uint64_t type, const char *const *symbols)
{
	uint32_t caller = 0;

	for (; *symbols; symbols++) {
		struct dz_frame frame = {
			.type = type, .symbol = dz_writer_text(writer, *symbols), .offset = 42};
		struct dz_stack stack = {.caller = caller,
					 .frame = dz_writer_frame(writer, &frame)};

		caller = dz_writer_stack(writer, &stack);
	}
	return caller;
}

static struct dz_task exit_parent(struct dz_writer *writer)
{
	return (struct dz_task){
		.pid = 20000,
		.tid = 20000,
		.process_start = START_NS - SECOND_NS,
		.start = START_NS - SECOND_NS,
		.comm = dz_writer_text(writer, "spawner"),
		.cgroup = dz_writer_text(writer, "/user.slice/user-0.slice/session-2.scope"),
		.ns_pid = 20000,
		.ns_tid = 20000,
		.pid_namespace = 4026531836u,
		.process_comm = dz_writer_text(writer, "spawner"),
	};
}

static enum dz_status add_exit(struct dz_writer *writer, uint64_t *random, uint64_t pid,
			       uint64_t *now_ns)
{
	static const char *const kernel[] = {"entry_SYSCALL_64_after_hwframe",
					     "do_syscall_64",
					     "__x64_sys_exit_group",
					     "do_group_exit",
					     "do_exit",
					     NULL};
	static const char *const user[] = {"_start", "__libc_start_main", "main", "_exit", NULL};
	struct dz_task parent = exit_parent(writer);
	struct dz_task task = parent;
	struct dz_exit row = {.system_call = 231};

	*now_ns += spread(random, 6000, 12000);
	task.parent = dz_writer_task(writer, &parent);
	task.pid = task.tid = task.ns_pid = task.ns_tid = pid;
	task.start = task.process_start = *now_ns;
	*now_ns += spread(random, 18000, 24000);
	row.time = *now_ns;
	row.cpu = sample_random(random) % 16 == 0;
	row.task = dz_writer_task(writer, &task);
	row.exit_code = 0;
	row.user_time = sample_random(random) % 8 == 0;
	row.system_time = spread(random, 20, 16);
	row.max_rss = (1024 + sample_random(random) % 4 * 64) * 4096u;
	row.minor_faults = 3 + (sample_random(random) % 32 == 0);
	row.kernel_stack = exit_stack(writer, 1, kernel);
	row.user_stack = exit_stack(writer, 0, user);
	return dz_writer_add(writer, DZ_KIND_EXIT, &row);
}

enum dz_status sample_add_exits(struct dz_writer *writer, uint32_t exits, uint64_t seed)
{
	uint64_t random = seed, now_ns = START_NS, flushed_ns = now_ns;
	enum dz_status status = DZ_OK;

	for (uint32_t i = 0; i < exits && status == DZ_OK; i++) {
		status = add_exit(writer, &random, 30000 + i, &now_ns);
		if (status == DZ_OK && now_ns - flushed_ns >= SECOND_NS) {
			status = dz_writer_flush(writer, now_ns);
			flushed_ns = now_ns;
		}
	}
	return status;
}

struct sample_file sample_make(uint32_t rows, uint32_t generations, uint64_t seed)
{
	struct sample_file file = {0};
	struct dz_file_header header = sample_header(seed);
	struct dz_sink sink = sample_sink(&file);
	struct dz_writer *writer;
	enum dz_status status = dz_writer_open(&sink, &header, 3, &writer);

	for (uint32_t i = 0; i < generations && status == DZ_OK; i++) {
		status = sample_add_all_kinds(writer, rows, i);
		if (status == DZ_OK)
			status = dz_writer_flush(writer, START_NS + i * GENERATION_NS);
	}
	if (status != DZ_OK || dz_writer_close(writer) != DZ_OK) {
		fprintf(stderr, "sample_make: %s\n", dz_status_phrase(status));
		exit(1);
	}
	return file;
}

struct dz_writer *sample_open_writer(struct sample_file *file)
{
	struct dz_file_header header = sample_header(1);
	struct dz_sink sink = sample_sink(file);
	struct dz_writer *writer = NULL;

	return dz_writer_open(&sink, &header, 3, &writer) == DZ_OK ? writer : NULL;
}
