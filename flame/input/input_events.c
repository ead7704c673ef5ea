/* flame/input/input_events.c - counts the events of an input, and chooses one of them */
#include <string.h>

#include "flame/input/input.h"

/* A name as in the report: truncated, printable, and ended by a NUL. */
static void copy_name(char *to, const struct input_line *name)
{
	size_t size = name->size;

	if (size > INPUT_EVENT_NAME_MAX - 1)
		size = INPUT_EVENT_NAME_MAX - 1;
	if (size > 0)
		memcpy(to, name->text, size);
	for (size_t i = 0; i < size; i++)
		if (to[i] < ' ' || to[i] > '~')
			to[i] = '?';
	to[size] = '\0';
}

static void count(struct input_report *report, const char *name)
{
	for (size_t i = 0; i < report->event_count; i++)
		if (strcmp(report->events[i].name, name) == 0) {
			report->events[i].samples++;
			return;
		}
	if (report->event_count == INPUT_EVENTS_MAX) {
		report->further_events++;
		return;
	}
	report->events[report->event_count].samples = 1;
	memcpy(report->events[report->event_count++].name, name, INPUT_EVENT_NAME_MAX);
}

/* Whether `name` is `asked`, with or without modifiers such as :u and :pppH. */
static bool fits(const char *name, const char *asked)
{
	size_t size = strnlen(asked, INPUT_EVENT_NAME_MAX - 1);

	if (strncmp(name, asked, size) != 0)
		return false;
	if (name[size] == '\0')
		return true;
	return name[size] == ':' &&
	       strspn(name + size + 1, "ukhGHIpPSDWeb") == strlen(name + size + 1);
}

void input_event_set(struct input_report *report, const struct input_line *event)
{
	copy_name(report->event, event);
}

bool input_event_is_wanted(struct input_report *report, const struct input_options *options,
			   const struct input_line *event)
{
	char name[INPUT_EVENT_NAME_MAX] = {0};
	bool is_first = report->event_count == 0;

	copy_name(name, event);
	count(report, name);
	if (report->event[0] == '\0' && (options->event ? fits(name, options->event) : is_first))
		memcpy(report->event, name, sizeof(name));
	/* Without names of events, all are one. */
	if (strcmp(report->event, name) == 0 && (name[0] || !options->event))
		return true;
	report->other_lines++;
	return false;
}
