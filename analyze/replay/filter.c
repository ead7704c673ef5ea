/* analyze/replay/filter.c - selection of events */
#include "analyze/replay/filter.h"

#include <fnmatch.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/trace/container.h"
#include "analyze/trace/event_field.h"

/* Longer names match no pattern. */
#define NAME_MAX_BYTES 512u

/* The fields of a kind, and behind them the member NONE, for kinds without a subject. */
#define MEMBER(name, type, unit, meaning) uint64_t name;
#define SUBJECT_FIELDS(number, NAME, name, subject, select, meaning)                               \
	struct name##_fields {                                                                     \
		DZ_FIELDS_##name(MEMBER) uint64_t NONE;                                            \
	};
DZ_KINDS(SUBJECT_FIELDS)

/* The offset of the subject in a row, by kind. The offset of NONE is that of the end of the row. */
#define SUBJECT(number, NAME, name, subject, select, meaning)                                      \
	[number] = {offsetof(struct name##_fields, subject), sizeof(struct dz_##name)},
static const struct {
	size_t offset;
	size_t row_bytes; /* 0: no kind has this number */
} subjects[] = {DZ_KINDS(SUBJECT)};

uint64_t filter_subject(const struct dz_event *event)
{
	uint64_t task = 0;

	if (event->row && event->kind < sizeof(subjects) / sizeof(subjects[0]) &&
	    subjects[event->kind].row_bytes > 0) {
		const size_t offset = subjects[event->kind].offset;

		if (offset < subjects[event->kind].row_bytes)
			memcpy(&task, (const char *)event->row + offset, sizeof(task));
		return task;
	}
	event_field_find(event, "task", DZ_TYPE_TASK, &task);
	return task;
}

struct filter filter_make(const struct selection *selection, const struct time_range *span)
{
	struct filter filter = {
		.selection = selection,
		.since_ns = timestamp_resolve(&selection->since, span),
		.until_ns = UINT64_MAX,
	};

	if (selection->until.base != TIMESTAMP_NONE)
		filter.until_ns = timestamp_resolve(&selection->until, span);
	return filter;
}

static bool holds(const struct id_list *list, uint64_t id)
{
	return list->count == 0 || (id <= UINT32_MAX && id_list_contains(list, (uint32_t)id));
}

/* Returns whether `pattern` is equal to the text, or matches it. The names of kernel threads
 * contain brackets, which are special in patterns, so that equality is tested first. */
static bool matches(const char *pattern, const struct trace_text *text)
{
	char name[NAME_MAX_BYTES];

	if (text->size >= sizeof(name))
		return false;
	if (text->size > 0)
		memcpy(name, text->bytes, text->size);
	name[text->size] = '\0';
	return strcmp(pattern, name) == 0 || fnmatch(pattern, name, 0) == 0;
}

static bool matches_any(const struct selection_texts *patterns, const struct trace_text *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (matches(patterns->texts[i], text))
			return true;
	return patterns->count == 0;
}

static bool is_below(const char *path, const struct trace_text *cgroup)
{
	size_t size = strlen(path);

	while (size > 0 && path[size - 1] == '/')
		size--;
	/* An unknown control group is below no other, not even the root. */
	if (cgroup->size == 0 || cgroup->size < size ||
	    (size > 0 && memcmp(path, cgroup->bytes, size) != 0))
		return false;
	return cgroup->size == size || cgroup->bytes[size] == '/';
}

static bool is_below_any(const struct selection_texts *paths, const struct trace_text *cgroup)
{
	for (size_t i = 0; i < paths->count; i++)
		if (is_below(paths->texts[i], cgroup) ||
		    (container_is_id(paths->texts[i]) &&
		     container_has_id(*cgroup, paths->texts[i])))
			return true;
	return paths->count == 0;
}

static bool accepts_names(const struct selection *selection, const struct trace_file *file,
			  const struct dz_task *task)
{
	struct trace_text comm = trace_text(file, task->comm);
	struct trace_text process_comm = trace_text(file, task->process_comm);
	struct trace_text cgroup = trace_text(file, task->cgroup);

	if (!matches_any(&selection->comms, &comm) &&
	    !matches_any(&selection->comms, &process_comm))
		return false;
	return is_below_any(&selection->cgroups, &cgroup);
}

static bool asks_for_tasks(const struct selection *selection)
{
	return selection->tgids.count > 0 || selection->tids.count > 0 ||
	       selection->uids.count > 0 || selection->comms.count > 0 ||
	       selection->cgroups.count > 0;
}

static bool accepts_task(const struct selection *selection, const struct visitor_event *event)
{
	const struct dz_task *task = event->task;

	if (!asks_for_tasks(selection))
		return true;
	if (!task)
		return false;
	return holds(&selection->tgids, task->pid) && holds(&selection->tids, task->tid) &&
	       holds(&selection->uids, task->uid) && accepts_names(selection, event->file, task);
}

static bool accepts_cpu(const struct selection *selection, const struct dz_event *event)
{
	uint64_t cpu;

	if (selection->cpus.count == 0)
		return true;
	return event_field_find(event, "cpu", DZ_TYPE_UINT, &cpu) && holds(&selection->cpus, cpu);
}

/* Returns the signal of an event, 0 for none. */
static uint64_t find_signal(const struct visitor_event *event)
{
	if (event->event->kind == DZ_KIND_DELIVERY)
		return event->taken_number;
	if (event->event->kind == DZ_KIND_EXIT)
		return ((const struct dz_exit *)event->event->row)->signal;
	return ((const struct dz_signal *)event->event->row)->signal;
}

static bool accepts_signal(const struct selection *selection, const struct visitor_event *event)
{
	uint32_t kind = event->event->kind;
	uint64_t number;

	if (selection->signals == 0)
		return true;
	if (kind != DZ_KIND_SIGNAL && kind != DZ_KIND_DELIVERY && kind != DZ_KIND_EXIT)
		return true;
	number = find_signal(event);
	return number >= 1 && number <= SIGNAL_LARGEST &&
	       (selection->signals >> (number - 1) & 1) != 0;
}

static bool accepts_kind(const struct selection *selection, const struct visitor_event *event)
{
	uint32_t kind = event->event->kind;
	const struct dz_exit *exit_row = event->event->row;
	struct trace_text probe;

	if (selection->kinds != 0 && (kind >= 63 || !(selection->kinds & VISITOR_KIND(kind))))
		return false;
	if (kind == DZ_KIND_EXIT && selection->failed)
		return exit_row->signal != 0 || exit_row->exit_code != 0;
	if (kind != DZ_KIND_PROBE || selection->probes.count == 0)
		return true;
	probe = trace_text(event->file, ((const struct dz_probe *)event->event->row)->probe);
	return matches_any(&selection->probes, &probe);
}

bool filter_accepts(const struct filter *filter, const struct visitor_event *event)
{
	const struct selection *selection = filter->selection;

	if (event->unix_ns < filter->since_ns || event->unix_ns >= filter->until_ns)
		return false;
	/* Records about the recording apply to all of its events. */
	if (event->event->kind < DZ_KIND_FIRST_EVENT)
		return true;
	return accepts_kind(selection, event) && accepts_signal(selection, event) &&
	       accepts_cpu(selection, event->event) && accepts_task(selection, event);
}
