/* analyze/fold/fold_root.c - the frames at the root of a stack: its task and its event */
#include "analyze/fold/fold_root.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/trace/event_field.h"

struct root_input {
	const struct visitor_event *event;
	const struct dz_task *task; /* not NULL */
};

static void set_text(struct fold_root_texts *texts, struct trace_text text)
{
	texts->texts[0] = text;
	texts->count = 1;
}

static void set_made(struct fold_root_texts *texts)
{
	set_text(texts, (struct trace_text){texts->made, strlen(texts->made)});
}

static void make_string(struct fold_root_texts *texts, const struct root_input *input, uint64_t id)
{
	struct trace_text text = trace_text(input->event->file, id);

	if (text.size > 0)
		set_text(texts, text);
}

static void make_cgroup(struct fold_root_texts *texts, const struct root_input *input)
{
	make_string(texts, input, input->task->cgroup);
}

static void make_process(struct fold_root_texts *texts, const struct root_input *input)
{
	make_string(texts, input, trace_process_comm(input->task));
}

static void make_comm(struct fold_root_texts *texts, const struct root_input *input)
{
	make_string(texts, input, input->task->comm);
}

static void make_ancestors(struct fold_root_texts *texts, const struct root_input *input)
{
	struct ancestor_list ancestor_list = ancestors_of(input->event->file, input->task);

	for (size_t i = ancestor_list.count; i-- > 0;)
		texts->texts[texts->count++] =
			trace_text(input->event->file, ancestor_list.tasks[i]->comm);
}

static void make_pid(struct fold_root_texts *texts, const struct root_input *input)
{
	snprintf(texts->made, sizeof(texts->made), "pid:%" PRIu64, input->task->pid);
	set_made(texts);
}

static void make_tid(struct fold_root_texts *texts, const struct root_input *input)
{
	snprintf(texts->made, sizeof(texts->made), "tid:%" PRIu64, input->task->tid);
	set_made(texts);
}

static void make_uid(struct fold_root_texts *texts, const struct root_input *input)
{
	snprintf(texts->made, sizeof(texts->made), "uid:%" PRIu64, input->task->uid);
	set_made(texts);
}

static void make_cpu(struct fold_root_texts *texts, const struct root_input *input)
{
	uint64_t cpu;

	if (!event_field_find(input->event->event, "cpu", DZ_TYPE_UINT, &cpu))
		return;
	snprintf(texts->made, sizeof(texts->made), "cpu:%" PRIu64, cpu);
	set_made(texts);
}

static void make_kind(struct fold_root_texts *texts, const struct root_input *input)
{
	const char *name = input->event->event->schema->name;

	set_text(texts, (struct trace_text){name, strlen(name)});
}

static void make_probe(struct fold_root_texts *texts, const struct root_input *input)
{
	uint64_t probe;

	if (event_field_find(input->event->event, "probe", DZ_TYPE_STRING, &probe))
		make_string(texts, input, probe);
}

static void make_label(struct fold_root_texts *texts, const struct root_input *input)
{
	uint64_t label;

	if (event_field_find(input->event->event, "label", DZ_TYPE_STRING, &label))
		make_string(texts, input, label);
}

static void make_signal(struct fold_root_texts *texts, const struct root_input *input)
{
	uint64_t number;

	if (!event_field_find(input->event->event, "signal", DZ_TYPE_UINT, &number) || number == 0)
		return;
	snprintf(texts->made, sizeof(texts->made), "%s", signal_name((uint32_t)number).text);
	set_made(texts);
}

static void make_receiver(struct fold_root_texts *texts, const struct root_input *input)
{
	uint64_t receiver;
	const struct dz_task *task;

	if (!event_field_find(input->event->event, "receiver", DZ_TYPE_TASK, &receiver))
		return;
	task = dz_reader_task(input->event->file->reader, receiver);
	if (task)
		make_string(texts, input, trace_process_comm(task));
}

static void make_cause(struct fold_root_texts *texts, const struct root_input *input)
{
	const char *name;

	if (!input->event->cause)
		return;
	name = cause_kind_name(input->event->cause->kind);
	set_text(texts, (struct trace_text){name, strlen(name)});
}

static const struct {
	const char *name;
	void (*make)(struct fold_root_texts *texts, const struct root_input *input);
} roots[] = {
	{"cgroup", make_cgroup},   {"ancestors", make_ancestors},
	{"process", make_process}, {"comm", make_comm},
	{"pid", make_pid},         {"tid", make_tid},
	{"uid", make_uid},         {"cpu", make_cpu},
	{"kind", make_kind},       {"probe", make_probe},
	{"label", make_label},     {"signal", make_signal},
	{"cause", make_cause},     {"receiver", make_receiver},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool fold_root_exists(const char *name)
{
	for (size_t i = 0; i < COUNT(roots); i++)
		if (strcmp(roots[i].name, name) == 0)
			return true;
	return false;
}

const char *fold_root_list(void)
{
	return "cgroup, ancestors, process, comm, pid, tid, uid, cpu, kind, probe, label, signal, "
	       "cause, receiver";
}

void fold_root_make(const char *name, const struct visitor_event *event, const struct dz_task *task,
		    struct fold_root_texts *ret_texts)
{
	static const struct dz_task unknown;
	const struct root_input input = {.event = event, .task = task ? task : &unknown};

	ret_texts->count = 0;
	for (size_t i = 0; i < COUNT(roots); i++)
		if (strcmp(roots[i].name, name) == 0)
			roots[i].make(ret_texts, &input);
}
