/* analyze/event_field.c - fields of an event by name, and the words for their numbers */
#include "analyze/event_field.h"

#include <stddef.h>
#include <string.h>

/* In the order of dz(5); JSON shows them, so they are never renamed. */
static const char *const results[] = {"delivered", "ignored", "pending", "overflow", "lost_info"};
static const char *const origins[] = {
	"process",       "kernel",       "fault", "timer", "terminal",       "oom",
	"seccomp",       "parent_death", "pipe",  "child", "resource_limit", "io",
	"pid_namespace", "cgroup_kill"};
static const char *const sources[] = {"marker", "syscall", "uprobe", "control"};
static const char *const ends[] = {"stopped", "exit", "recording_end", "other_thread"};
static const char *const steps[] = {"start",         "switch_out",   "wakeup",      "switch_in",
				    "syscall_enter", "syscall_exit", "irq_enter",   "irq_exit",
				    "softirq_enter", "softirq_exit", "timer_enter", "timer_exit",
				    "page_fault",    "migrate",      "sample",      "stop",
				    "dropped",       "page_faults"};
static const char *const conditions[] = {
	"user",  "kernel",    "page_fault", "interrupt",
	"woken", "preempted", "blocked",    "blocked_uninterruptibly"};

#define WORDS(array) array, sizeof(array) / sizeof((array)[0])

static const struct {
	uint32_t kind;
	const char *field;
	const char *const *words;
	size_t count;
} vocabularies[] = {
	{DZ_KIND_SIGNAL, "result", WORDS(results)},      {DZ_KIND_SIGNAL, "origin", WORDS(origins)},
	{DZ_KIND_SECTION, "source", WORDS(sources)},     {DZ_KIND_SECTION, "end", WORDS(ends)},
	{DZ_KIND_TALLY, "source", WORDS(sources)},       {DZ_KIND_STEP, "what", WORDS(steps)},
	{DZ_KIND_PHASE, "condition", WORDS(conditions)},
};

bool event_field_find(const struct dz_event *event, const char *name, enum dz_type type,
		      uint64_t *ret_value)
{
	for (uint32_t i = 0; i < event->schema->field_count; i++) {
		const struct dz_field_schema *field = &event->schema->fields[i];

		if (field->type != type || strcmp(field->name, name) != 0)
			continue;
		*ret_value = event->values[i];
		return true;
	}
	return false;
}

const char *event_field_word(uint32_t kind, const char *field, uint64_t value)
{
	for (size_t i = 0; i < sizeof(vocabularies) / sizeof(vocabularies[0]); i++)
		if (vocabularies[i].kind == kind && strcmp(vocabularies[i].field, field) == 0)
			return value < vocabularies[i].count ? vocabularies[i].words[value] : NULL;
	return NULL;
}
