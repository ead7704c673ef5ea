/* tests/growth/generate.c - writes traces that are large in one dimension
 *
 *   usage: generate MODE COUNT FILE
 *          generate files COUNT FOLDER
 *
 * Each mode makes COUNT records, or so, that differ in one thing. A reader may be slow in any of
 * them: the time must not grow with the square of COUNT.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dz/enums.h>
#include <dz/sink.h>
#include <dz/writer.h>

#define HOUR_NS      UINT64_C(3600000000000)
#define EVENT_NS     UINT64_C(100000)
#define MINUTE_NS    UINT64_C(60000000000)
#define BATCH        20000u /* records between two flushes */
#define PIDS_MAX     4000000u
#define CHAIN_FRAMES 10u

static struct dz_writer *writer;
static uint64_t now_ns = HOUR_NS;

static void must(enum dz_status status)
{
	if (status == DZ_OK)
		return;
	fprintf(stderr, "generate: cannot write: status %d\n", (int)status);
	exit(1);
}

static void add(enum dz_kind kind, const void *row)
{
	must(dz_writer_add(writer, kind, row));
}

static uint32_t text(const char *prefix, uint64_t number)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%" PRIu64, prefix, number);
	return dz_writer_text(writer, name);
}

/* A process that started with the recording, so that it is the same one in all its records. */
static uint32_t task(uint64_t pid, const char *prefix, uint32_t parent)
{
	struct dz_task row = {
		.pid = pid,
		.tid = pid,
		.ns_pid = pid,
		.ns_tid = pid,
		.process_start = HOUR_NS - 1000,
		.start = HOUR_NS - 1000,
		.uid = 1000,
		.gid = 1000,
		.parent = parent,
	};

	row.comm = text(prefix, pid);
	row.process_comm = row.comm;
	return dz_writer_task(writer, &row);
}

static uint32_t chain(uint64_t seed)
{
	uint32_t caller = 0;

	for (uint64_t i = 0; i < CHAIN_FRAMES; i++) {
		struct dz_frame frame = {.offset = i, .symbol = text("function", seed * 31 + i)};
		struct dz_stack stack = {.caller = caller};

		stack.frame = dz_writer_frame(writer, &frame);
		caller = dz_writer_stack(writer, &stack);
	}
	return caller;
}

static void add_exit(uint32_t subject, uint64_t code)
{
	const struct dz_exit row = {
		.time = now_ns, .task = subject, .exit_code = code, .system_call = 231};

	add(DZ_KIND_EXIT, &row);
}

static void make_processes(uint64_t i, uint64_t count)
{
	(void)count;
	add_exit(task(i % PIDS_MAX + 1, "proc", 0), i % 3);
}

/* Short processes of few programs that die in few places. */
static void make_exits(uint64_t i, uint64_t count)
{
	struct dz_exit row = {.time = now_ns, .exit_code = i % 3, .system_call = 231};
	struct dz_task subject = {.pid = i + 1, .tid = i + 1, .uid = 1000, .gid = 1000};

	(void)count;
	subject.process_start = subject.start = now_ns - EVENT_NS;
	subject.comm = subject.process_comm = text("program", i % 40);
	row.task = dz_writer_task(writer, &subject);
	row.user_stack = chain(i % 200);
	row.kernel_stack = chain(1000 + i % 10);
	add(DZ_KIND_EXIT, &row);
}

/* The same, spread over an hour. */
static void make_hour(uint64_t i, uint64_t count)
{
	now_ns = HOUR_NS + (uint64_t)((double)HOUR_NS / (double)count * (double)i);
	make_exits(i, count);
}

/* Each process is the child of the one before. */
static void make_children(uint64_t i, uint64_t count)
{
	static uint32_t parent, generation;

	(void)count;
	if (generation != dz_writer_generation(writer))
		parent = 0;
	generation = dz_writer_generation(writer);
	parent = task(i + 1, "child", parent);
	add_exit(parent, 1);
}

static void make_stacks(uint64_t i, uint64_t count)
{
	struct dz_exit row = {.time = now_ns, .signal = 11, .system_call = (uint64_t)-1};

	(void)count;
	row.task = task(i % 100 + 1, "p", 0);
	row.user_stack = chain(i * 1000003);
	add(DZ_KIND_EXIT, &row);
}

static void make_signals(uint64_t i, uint64_t count)
{
	struct dz_signal row = {.time = now_ns, .signal = 34 + i % 30, .group = 1};

	(void)count;
	row.code = (uint64_t)-1;
	row.task = task(1, "sender", 0);
	row.receiver = task(2 + i % 3, "receiver", 0);
	add(DZ_KIND_SIGNAL, &row);
}

static void make_deliveries(uint64_t i, uint64_t count)
{
	struct dz_delivery row = {.time = now_ns, .signal = 1 + i % 60, .handled = 1};

	(void)count;
	row.task = task(2 + i % 3, "receiver", 0);
	add(DZ_KIND_DELIVERY, &row);
}

static void make_probes(uint64_t i, uint64_t count)
{
	struct dz_probe row = {.time = now_ns, .latency = i % 1000};

	(void)count;
	row.task = task(i + 1, "p", 0);
	row.probe = text("kprobe:function", i % 100);
	row.kernel_stack = chain(i % 5000);
	add(DZ_KIND_PROBE, &row);
}

/* Hits of few threads and stacks. */
static void make_hits(uint64_t i, uint64_t count)
{
	struct dz_probe row = {.time = now_ns, .latency = i % 1000};

	(void)count;
	row.task = task(i % 100 + 1, "p", 0);
	row.probe = dz_writer_text(writer, "kprobe:vfs_read");
	row.kernel_stack = chain(i % 50);
	add(DZ_KIND_PROBE, &row);
}

/* Sums of all latencies that do not fit into 64 bits. */
static void make_weights(uint64_t i, uint64_t count)
{
	struct dz_probe row = {.time = now_ns, .latency = UINT64_MAX >> 1};

	(void)count;
	row.task = task(i % 4 + 1, "p", 0);
	row.probe = dz_writer_text(writer, "kretprobe:vfs_read");
	row.kernel_stack = chain(1);
	add(DZ_KIND_PROBE, &row);
}

static void make_histograms(uint64_t i, uint64_t count)
{
	struct dz_section_histogram row = {
		.time = now_ns, .count = 1, .sum = 5, .min = 5, .max = 5, .bucket = 2};

	(void)count;
	row.task = task(i + 1, "p", 0);
	row.label = text("label", i);
	add(DZ_KIND_SECTION_HISTOGRAM, &row);
}

static void add_step(uint64_t outermost, uint32_t subject)
{
	const struct dz_step row = {
		.time = now_ns,
		.task = subject,
		.section = outermost,
		.step_type = DZ_STEP_TYPE_CALL_IN,
	};

	add(DZ_KIND_STEP, &row);
}

static void add_phase(uint64_t section, uint64_t outermost, uint32_t subject, uint64_t name)
{
	struct dz_phase row = {
		.time = now_ns,
		.task = subject,
		.section = section,
		.outermost = outermost,
		.state = DZ_PHASE_STATE_KERNEL,
		.duration = 5,
		.count = 1,
	};

	row.name = text("call", name);
	add(DZ_KIND_PHASE, &row);
}

static void add_section(uint64_t id, uint64_t outermost, uint64_t start_ns, uint32_t subject)
{
	const struct dz_section row = {
		.time = now_ns,
		.start = start_ns,
		.task = subject,
		.id = id,
		.outermost = outermost,
		.outer = id == outermost ? 0 : outermost,
		.threshold = 1,
	};

	add(DZ_KIND_SECTION, &row);
}

/* Each section contains all before it, with a step and a phase with another name. */
static void make_sections(uint64_t i, uint64_t count)
{
	uint32_t subject = task(7, "p", 0);

	(void)count;
	add_step(1, subject);
	add_phase(i + 2, 1, subject, i);
	add_section(i + 2, 1, HOUR_NS - i, subject);
}

/* Sections one after the other in an outermost one that does not end. */
static void make_inner(uint64_t i, uint64_t count)
{
	(void)count;
	add_section(i + 2, 1, now_ns - 5, task(7, "p", 0));
}

/* One section with phases of many names. */
static void make_causes(uint64_t i, uint64_t count)
{
	uint32_t subject = task(7, "p", 0);

	add_phase(1, 1, subject, i);
	if (i == count - 1)
		add_section(1, 1, HOUR_NS, subject);
}

/* Outermost sections that never end, all in the same place of a table of 2048. */
static void make_open_groups(uint64_t i, uint64_t count)
{
	(void)count;
	add_step((i + 1) * 2048, task(7, "p", 0));
}

/* Sections that never end, then sections that end one after the other. */
static void make_flags(uint64_t i, uint64_t count)
{
	uint32_t subject = task(7, "p", 0);

	if (i < count / 2)
		add_step(i + 5000000, subject);
	else
		add_section(i, i, now_ns - 5, subject);
}

static void add_info(const char *key, const char *value, uint64_t i)
{
	struct dz_info row = {.time = now_ns};

	row.key = text(key, i);
	row.value = text(value, i);
	add(DZ_KIND_INFO, &row);
}

static void make_infos(uint64_t i, uint64_t count)
{
	(void)count;
	add_info("key", "value", i);
}

static void make_failures(uint64_t i, uint64_t count)
{
	(void)count;
	add_info("attach.failed.x", "value", i);
}

static void make_losses(uint64_t i, uint64_t count)
{
	struct dz_lost row = {.time = now_ns, .last = now_ns, .count = 1};

	(void)count;
	row.kind = text("kind", i);
	row.reason = text("why", i);
	add(DZ_KIND_LOST, &row);
}

static void make_blocks(uint64_t i, uint64_t count)
{
	(void)count;
	add_exit(task(i % 10 + 1, "p", 0), 1);
	must(dz_writer_flush(writer, now_ns));
}

/* Each record is in a separate generation: a flush that is a minute later starts one. */
static void make_generations(uint64_t i, uint64_t count)
{
	(void)count;
	add_exit(task(i % 10 + 1, "p", 0), 1);
	now_ns += MINUTE_NS;
	must(dz_writer_flush(writer, now_ns));
}

/* Waits for a CPU of many tasks, each with another task that held it. */
static void make_waits(uint64_t i, uint64_t count)
{
	struct dz_runq row = {.time = now_ns, .cpu = i % 4, .waited = 1000 + i % 1000};
	struct dz_runq_holder holder = {.time = now_ns, .cpu = i % 4, .held = row.waited};

	(void)count;
	row.task = holder.task = task(i % 5000 + 1, "waiter", 0);
	row.waker = task(i % 5000 + 5001, "waker", 0);
	row.previous = holder.holder = task(i + 10001, "holder", 0);
	add(DZ_KIND_RUNQ, &row);
	add(DZ_KIND_RUNQ_HOLDER, &holder);
}

/* One wait with many tasks that held the CPU. */
static void make_holders(uint64_t i, uint64_t count)
{
	struct dz_runq_holder holder = {.time = now_ns, .held = 5};
	struct dz_runq row = {.waited = 5 * count};

	now_ns = HOUR_NS + EVENT_NS;
	row.time = holder.time = now_ns;
	row.task = holder.task = task(1, "waiter", 0);
	if (i == 0)
		add(DZ_KIND_RUNQ, &row);
	holder.holder = task(i + 2, "holder", 0);
	add(DZ_KIND_RUNQ_HOLDER, &holder);
}

/* Samples of many tasks. Mode stacks has different stacks: here they would measure caches. */
static void make_samples(uint64_t i, uint64_t count)
{
	struct dz_cpu row = {.time = now_ns, .cpu = i % 64, .period = 1000000, .count = 1};

	(void)count;
	row.task = task(i + 1, "p", 0);
	row.user_stack = chain(i % 500);
	add(DZ_KIND_CPU, &row);
}

/* Times of many tasks that were blocked all the time until then. */
static void make_blocked(uint64_t i, uint64_t count)
{
	struct dz_offcpu row = {.time = now_ns, .count = 1};

	(void)count;
	row.blocked = row.span = now_ns - HOUR_NS + 1;
	row.task = task(i + 1, "p", 0);
	row.waker = task(i / 2 + 1, "p", 0);
	row.user_stack = chain(i % 5000);
	row.waker_user_stack = chain(i % 5000 + 1);
	add(DZ_KIND_OFFCPU, &row);
}

static void make_ooms(uint64_t i, uint64_t count)
{
	struct dz_oom row = {.time = now_ns};

	(void)count;
	row.task = task(1, "allocator", 0);
	row.victim = task(i + 2, "victim", 0);
	add(DZ_KIND_OOM, &row);
}

/* Sections that are each inside of the one before, and end in the opposite order. */
static void make_nested(uint64_t i, uint64_t count)
{
	struct dz_section row = {
		.time = now_ns,
		.start = HOUR_NS + count - i,
		.task = task(7, "p", 0),
		.id = count - i,
		.outermost = 1,
		.outer = count - i - 1,
	};

	add(DZ_KIND_SECTION, &row);
}

/* Steps of one section, which ends after them. */
static void make_steps(uint64_t i, uint64_t count)
{
	struct dz_step row = {.time = now_ns, .task = task(7, "p", 0), .section = 1};

	row.step_type = i % 2 == 0 ? DZ_STEP_TYPE_CALL_IN : DZ_STEP_TYPE_CALL_OUT;
	row.name = text("call", i / 2);
	row.path = text("/path", i);
	row.user_stack = chain(i % 1000);
	add(DZ_KIND_STEP, &row);
	if (i == count - 1)
		add_section(1, 1, HOUR_NS, (uint32_t)row.task);
}

/* Short sections of many labels, one after the other. */
static void make_labels(uint64_t i, uint64_t count)
{
	struct dz_section row = {
		.time = now_ns,
		.start = now_ns - 50,
		.task = task(i + 1, "p", 0),
		.id = i + 1,
		.outermost = i + 1,
	};

	(void)count;
	row.label = text("label", i);
	add(DZ_KIND_SECTION, &row);
}

/* One thread whose name changes with each signal that it handles, and then its death. */
static void make_renamed(uint64_t i, uint64_t count)
{
	struct dz_task subject = {.pid = 7, .tid = 7, .process_start = 1, .start = 1};
	struct dz_signal row = {.time = now_ns, .signal = 10, .group = 1};
	struct dz_delivery taken = {.time = now_ns, .signal = 10, .handled = 1};

	subject.comm = subject.process_comm = text("name", i);
	row.task = row.receiver = taken.task = dz_writer_task(writer, &subject);
	add(DZ_KIND_SIGNAL, &row);
	add(DZ_KIND_DELIVERY, &taken);
	if (i == count - 1)
		add_exit((uint32_t)row.task, 1);
}

/* Each process in another control group, inside of the one before, as far as a path is long. */
static void make_groups(uint64_t i, uint64_t count)
{
	struct dz_task subject = {.pid = i + 1, .tid = i + 1, .process_start = 1, .start = 1};

	(void)count;
	subject.comm = subject.process_comm = text("p", 0);
	subject.cgroup = text("/group/", i);
	add_exit(dz_writer_task(writer, &subject), 1);
}

#define LONG_NAME   4000u
#define LONG_FRAMES 510u

/* Returns a stack of frames whose names are long and the same, which takes few bytes. A mode has
 * one such stack. */
static uint32_t chain_of(uint64_t frames, size_t name_bytes)
{
	static uint32_t caller, generation = UINT32_MAX;
	char name[LONG_NAME + 1];

	if (generation == dz_writer_generation(writer))
		return caller;
	generation = dz_writer_generation(writer);
	caller = 0;
	memset(name, 'f', name_bytes);
	name[name_bytes] = '\0';
	for (uint64_t i = 0; i < frames; i++) {
		struct dz_frame frame = {.offset = i, .symbol = dz_writer_text(writer, name)};
		struct dz_stack stack = {.caller = caller};

		stack.frame = dz_writer_frame(writer, &frame);
		caller = dz_writer_stack(writer, &stack);
	}
	return caller;
}

static uint32_t long_chain(void)
{
	return chain_of(LONG_FRAMES, LONG_NAME);
}

/* Hits of one deep stack, as a real program has it. */
static void make_deep(uint64_t i, uint64_t count)
{
	struct dz_probe row = {.time = now_ns};

	(void)i;
	(void)count;
	row.task = task(1, "p", 0);
	row.probe = dz_writer_text(writer, "kprobe:vfs_read");
	row.user_stack = chain_of(127, 150);
	add(DZ_KIND_PROBE, &row);
}

/* Hits that share one long stack. */
static void make_shared(uint64_t i, uint64_t count)
{
	struct dz_probe row = {.time = now_ns};

	(void)i;
	(void)count;
	row.task = task(1, "p", 0);
	row.probe = dz_writer_text(writer, "kprobe:vfs_read");
	row.user_stack = long_chain();
	add(DZ_KIND_PROBE, &row);
}

/* Hits of stacks that differ in the leaf of a long one. */
static void make_branches(uint64_t i, uint64_t count)
{
	struct dz_stack stack = {.caller = long_chain()};
	struct dz_frame frame = {.offset = i};
	struct dz_probe row = {.time = now_ns};

	(void)count;
	frame.symbol = text("leaf", i);
	stack.frame = dz_writer_frame(writer, &frame);
	row.task = task(1, "p", 0);
	row.probe = dz_writer_text(writer, "kprobe:vfs_read");
	row.user_stack = dz_writer_stack(writer, &stack);
	add(DZ_KIND_PROBE, &row);
}

/* Clocks that are set all the time. */
static void make_clocks(uint64_t i, uint64_t count)
{
	struct dz_clock row = {.time = now_ns, .monotonic = now_ns};

	(void)count;
	row.realtime = UINT64_C(1766242931000000000) + now_ns + i % 2 * HOUR_NS;
	add(DZ_KIND_CLOCK, &row);
	add_exit(task(i % 10 + 1, "p", 0), 1);
}

static const struct {
	const char *name;
	void (*make)(uint64_t i, uint64_t count);
} modes[] = {
	{"processes", make_processes}, {"exits", make_exits},
	{"children", make_children},   {"stacks", make_stacks},
	{"signals", make_signals},     {"deliveries", make_deliveries},
	{"probes", make_probes},       {"hits", make_hits},
	{"weights", make_weights},     {"histograms", make_histograms},
	{"sections", make_sections},   {"inner", make_inner},
	{"causes", make_causes},       {"opengroups", make_open_groups},
	{"flags", make_flags},         {"infos", make_infos},
	{"failures", make_failures},   {"losses", make_losses},
	{"blocks", make_blocks},       {"generations", make_generations},
	{"waits", make_waits},         {"holders", make_holders},
	{"samples", make_samples},     {"blocked", make_blocked},
	{"ooms", make_ooms},           {"nested", make_nested},
	{"steps", make_steps},         {"labels", make_labels},
	{"renamed", make_renamed},     {"groups", make_groups},
	{"clocks", make_clocks},       {"hour", make_hour},
	{"shared", make_shared},       {"branches", make_branches},
	{"deep", make_deep},
};

static void generate(size_t mode, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		now_ns += EVENT_NS;
		if (i % BATCH == BATCH - 1)
			must(dz_writer_flush(writer, now_ns));
		modes[mode].make(i, count);
	}
	must(dz_writer_close(writer));
}

/* Opens the writer of a file that starts now. */
static void open_writer(struct dz_fd_stream *stream, const char *path, uint64_t number)
{
	struct dz_file_header header = {
		.version_major = 1,
		.arch = DZ_ARCH_X86_64,
		.page_bytes = 4096,
		.cpu_count = 4,
		.boottime_ns = now_ns,
		.monotonic_ns = now_ns,
		.realtime_ns = UINT64_C(1766242931000000000) + now_ns,
	};
	const struct dz_sink sink = dz_fd_sink(stream);

	memcpy(header.uuid, &number, sizeof(number));
	*stream = (struct dz_fd_stream){
		.fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644)};
	if (stream->fd < 0) {
		perror(path);
		exit(1);
	}
	must(dz_writer_open(&sink, &header, 1, &writer));
}

#define FILE_EXITS 10u

/* Writes a file with exits at intervals. */
static void make_file(const char *folder, uint64_t number, uint64_t interval_ns)
{
	struct dz_fd_stream stream;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%06" PRIu64 ".dz", folder, number);
	open_writer(&stream, path, number + 1);
	add_info("recorder.command", "diag-record", 0);
	for (uint64_t i = 0; i < FILE_EXITS; i++) {
		now_ns += interval_ns;
		add_exit(task(number * FILE_EXITS + i + 1, "p", 0), 1);
	}
	must(dz_writer_close(writer));
	close(stream.fd);
}

/* Files of which a tenth begin together and last for all the time, while the others follow each
 * other. */
static void make_files(const char *folder, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		bool is_long = i % 10 == 0;

		now_ns = HOUR_NS + (is_long ? i : i * FILE_EXITS * EVENT_NS);
		make_file(folder, i, is_long ? count * EVENT_NS : EVENT_NS);
	}
}

int main(int argc, char **argv)
{
	struct dz_fd_stream stream;
	size_t mode = 0;

	if (argc == 4 && strcmp(argv[1], "files") == 0) {
		make_files(argv[3], strtoull(argv[2], NULL, 10));
		return 0;
	}
	while (argc == 4 && mode < sizeof(modes) / sizeof(modes[0]) &&
	       strcmp(modes[mode].name, argv[1]) != 0)
		mode++;
	if (argc != 4 || mode == sizeof(modes) / sizeof(modes[0])) {
		fputs("usage: generate MODE COUNT FILE\n", stderr);
		return 2;
	}
	open_writer(&stream, argv[3], 1);
	generate(mode, strtoull(argv[2], NULL, 10));
	return 0;
}
