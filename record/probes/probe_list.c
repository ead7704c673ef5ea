/* record/probes/probe_list.c - the probes of a recording: all functions and tracepoints of -e */
#include "record/probes/probe_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define PROBE_ERROR_MAX 4095 /* as in the kernel's IS_ERR() */

struct probe *probe_list_add(struct probe_list *list, const struct probe_spec *spec,
			     const char *place)
{
	struct probe *grown, probe = {.spec = spec, .place = strdup(place)};
	int length;

	if (list->count >= PROBES_MAX) {
		free(probe.place);
		return NULL;
	}
	length = spec->offset ? asprintf(&probe.name, "%s:%s+%llu", probe_form_name(spec->form),
					 place, (unsigned long long)spec->offset)
			      : asprintf(&probe.name, "%s:%s", probe_form_name(spec->form), place);
	grown = array_grow(list->probes, &list->capacity, list->count + 1, sizeof(*grown),
			   PROBES_MAX);
	if (grown)
		list->probes = grown;
	if (length < 0 || !grown || !probe.place) {
		free(length < 0 ? NULL : probe.name);
		free(probe.place);
		return NULL;
	}
	list->probes[list->count] = probe;
	return &list->probes[list->count++];
}

void probe_list_add_unknown(struct probe_list *list, const struct probe_spec *spec,
			    const char *place, const char *what,
			    const struct similar_names *similar)
{
	char names[SIMILAR_NAMES_TEXT_MAX], why[SIMILAR_NAMES_TEXT_MAX + 256];

	similar_names_text(similar, names);
	(void)snprintf(why, sizeof(why), "%.200s%s%s", what, names[0] ? ": did you mean " : "",
		       names);
	if (probe_list_add(list, spec, place))
		probe_list_fail(list, list->count - 1, why);
}

bool probe_has_no_result(const struct probe *probe)
{
	return (probe->spec->form == PROBE_KRETPROBE || probe->spec->form == PROBE_URETPROBE) &&
	       probe->result.form == PROBE_FIELD_OPAQUE;
}

int64_t probe_result(const struct probe *probe, int64_t value)
{
	const struct probe_field *type = &probe->result;
	unsigned int shift = probe_field_unused_bits(type);
	uint64_t number = (uint64_t)value << shift >> shift;
	bool is_error = value < 0 && value >= -PROBE_ERROR_MAX;

	if (probe_has_no_result(probe))
		return 0;
	if (type->form == PROBE_FIELD_SIGNED)
		return (int64_t)((uint64_t)value << shift) >> shift;
	if (type->form == PROBE_FIELD_BOOLEAN ||
	    (type->form == PROBE_FIELD_UNSIGNED && !probe_number_is_address(number)))
		return (int64_t)number;
	return value == 0 || is_error ? value : 1;
}

static int compare_places(const void *left, const void *right)
{
	const struct probe *const *a = left, *const *b = right;

	return strcmp((*a)->place, (*b)->place);
}

static int compare_name(const void *name, const void *element)
{
	const struct probe *const *probe = element;

	return strcmp(name, (*probe)->place);
}

/* An address of UINT64_MAX marks a name that occurs twice; probe_list_locate() resets it. */
static void note_address(struct probe **sorted, size_t count, const char *name, uint64_t address)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): it is an array of pointers */
	struct probe **found = bsearch(name, sorted, count, sizeof(*sorted), compare_name);

	if (!found)
		return;
	while (found > sorted && strcmp(found[-1]->place, name) == 0)
		found--;
	for (; found < sorted + count && strcmp((*found)->place, name) == 0; found++)
		(*found)->address = (*found)->address ? UINT64_MAX : address;
}

void probe_list_locate(struct probe_list *list, const struct kallsyms *symbols)
{
	struct probe **sorted = calloc(list->count, sizeof(struct probe *));
	size_t count = 0;

	for (size_t i = 0; sorted && i < list->count; i++) {
		if (probe_form_is_kernel_function(list->probes[i].spec->form))
			sorted[count++] = &list->probes[i];
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): as above */
	if (sorted)
		qsort(sorted, count, sizeof(struct probe *), compare_places);
	for (size_t i = 0; count && i < symbols->count; i++)
		note_address(sorted, count, symbols->names + symbols->entries[i].name,
			     symbols->entries[i].address);
	for (size_t i = 0; i < count; i++) {
		if (sorted[i]->address == UINT64_MAX)
			sorted[i]->address = 0;
	}
	free(sorted);
}

bool probe_list_has_form(const struct probe_list *list, enum probe_form form)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].spec->form == form && !list->probes[i].failure)
			return true;
	}
	return false;
}

void probe_list_fail(struct probe_list *list, size_t index, const char *why)
{
	struct probe *probe = &list->probes[index];

	if (!probe->failure)
		list->failure_count++;
	free(probe->failure);
	probe->failure = strdup(why);
}

void probe_list_release(struct probe_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->probes[i].failure);
		free(list->probes[i].hint);
		free(list->probes[i].prototype);
		free(list->probes[i].place);
		free(list->probes[i].file);
		free(list->probes[i].name);
	}
	free(list->probes);
	*list = (struct probe_list){0};
}
