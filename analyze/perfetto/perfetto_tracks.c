/* analyze/perfetto/perfetto_tracks.c - tracks of processes, threads and counters, each written once
 */
#include "analyze/perfetto/perfetto_tracks.h"

#include <inttypes.h>
#include <stdio.h>

#define UNIT_COUNT 2u

typedef perfetto_protos_TrackDescriptor track_descriptor;

/* A process, or with its thread members a thread. */
struct task_key {
	uint64_t pid, process_start;
	uint64_t tid, start;
	uint64_t is_thread;
};

static void write_track(struct perfetto_writer *writer, track_descriptor *track)
{
	perfetto_writer_packet(writer, &(perfetto_protos_TracePacket){.track_descriptor = track});
}

static struct trace_text name_of(const struct trace_file *file, uint64_t id)
{
	struct trace_text name = trace_text(file, id);

	return name.size > 0 ? name : (struct trace_text){"?", 1};
}

static struct perfetto_track unknown_track(struct perfetto_writer *writer)
{
	static const struct task_key none = {.pid = UINT64_MAX};
	struct perfetto_track track;
	char name[] = "unknown";
	track_descriptor out = {.name = name};
	bool is_new;

	track.number = perfetto_writer_number(writer, PERFETTO_TASKS, &none, sizeof(none), &is_new);
	track.uuid = perfetto_writer_uuid(writer, 't', track.number);
	out.uuid = track.uuid;
	if (is_new)
		write_track(writer, &out);
	return track;
}

struct perfetto_track perfetto_process_track(struct perfetto_writer *writer,
					     const struct trace_file *file,
					     const struct dz_task *task)
{
	struct task_key key = {0};
	struct perfetto_track track;
	perfetto_protos_ProcessDescriptor process;
	track_descriptor out = {0};
	bool is_new;

	if (!task)
		return unknown_track(writer);
	key.pid = task->pid;
	key.process_start = task->process_start;
	track.number = perfetto_writer_number(writer, PERFETTO_TASKS, &key, sizeof(key), &is_new);
	track.uuid = perfetto_writer_uuid(writer, 't', track.number);
	if (!is_new)
		return track;
	process = (perfetto_protos_ProcessDescriptor){
		.pid = (int32_t)task->pid,
		.process_name =
			perfetto_writer_text(writer, name_of(file, trace_process_comm(task))),
		.has_start_timestamp_ns = task->process_start != 0,
		.start_timestamp_ns = (int64_t)task->process_start,
	};
	out.uuid = track.uuid;
	out.process = &process;
	write_track(writer, &out);
	return track;
}

struct perfetto_track perfetto_thread_track(struct perfetto_writer *writer,
					    const struct trace_file *file,
					    const struct dz_task *task)
{
	struct task_key key = {.is_thread = 1};
	struct perfetto_track track, process;
	perfetto_protos_ThreadDescriptor thread;
	track_descriptor out = {0};
	bool is_new;

	if (!task)
		return unknown_track(writer);
	process = perfetto_process_track(writer, file, task);
	key.pid = task->pid;
	key.process_start = task->process_start;
	key.tid = task->tid;
	key.start = task->start;
	track.number = perfetto_writer_number(writer, PERFETTO_TASKS, &key, sizeof(key), &is_new);
	track.uuid = perfetto_writer_uuid(writer, 't', track.number);
	if (!is_new)
		return track;
	thread = (perfetto_protos_ThreadDescriptor){
		.pid = (int32_t)task->pid,
		.tid = (int64_t)task->tid,
		.thread_name = perfetto_writer_text(writer, name_of(file, task->comm)),
	};
	out.uuid = track.uuid;
	out.thread = &thread;
	out.has_parent_uuid = true;
	out.parent_uuid = process.uuid;
	write_track(writer, &out);
	return track;
}

/* A further track of a thread. */
static uint64_t further_track(struct perfetto_writer *writer, const struct perfetto_track *thread,
			      const struct task_key *key, char *name)
{
	track_descriptor out = {0};
	uint64_t number, uuid;
	bool is_new;

	number = perfetto_writer_number(writer, PERFETTO_TASKS, key, sizeof(*key), &is_new);
	uuid = perfetto_writer_uuid(writer, 't', number);
	if (!is_new)
		return uuid;
	out.uuid = uuid;
	out.name = name;
	out.has_parent_uuid = true;
	out.parent_uuid = thread->uuid;
	write_track(writer, &out);
	return uuid;
}

uint64_t perfetto_lane_track(struct perfetto_writer *writer, const struct perfetto_track *thread,
			     uint64_t lane)
{
	const struct task_key key = {.tid = thread->number, .start = lane, .is_thread = 2};
	char name[] = "overlapping sections";

	return further_track(writer, thread, &key, name);
}

uint64_t perfetto_waits_track(struct perfetto_writer *writer, const struct perfetto_track *thread)
{
	const struct task_key key = {.tid = thread->number, .is_thread = 3};
	char name[] = "waits and blocked times";

	return further_track(writer, thread, &key, name);
}

struct perfetto_track perfetto_counter_track(struct perfetto_writer *writer, struct trace_text name)
{
	perfetto_protos_CounterDescriptor counter = {UNIT_COUNT};
	track_descriptor out = {0};
	struct perfetto_track track;
	bool is_new;

	track.number =
		perfetto_writer_number(writer, PERFETTO_COUNTERS, name.bytes, name.size, &is_new);
	track.uuid = perfetto_writer_uuid(writer, 'c', track.number);
	if (!is_new)
		return track;
	out.uuid = track.uuid;
	out.name = perfetto_writer_text(writer, name);
	out.counter = &counter;
	write_track(writer, &out);
	return track;
}

const char *perfetto_task_word(const struct trace_file *file, const struct dz_task *task,
			       char word[static PERFETTO_TASK_WORD_MAX])
{
	struct trace_text comm = {"?", 1};

	if (!task)
		return NULL;
	if (trace_process_comm(task) != 0)
		comm = trace_text(file, trace_process_comm(task));
	snprintf(word, PERFETTO_TASK_WORD_MAX, "%.*s[%" PRIu64 "]",
		 comm.size < 64 ? (int)comm.size : 64, comm.bytes, task->pid);
	return word;
}
