/* analyze/trace/event_field.c - fields of an event by name, and words for enum values */
#include "analyze/trace/event_field.h"

#include <stddef.h>
#include <string.h>

#include <dz/enums.h>

#define WORD(number, NAME, word) [number] = (word),
static const char *const results[] = {DZ_SIGNAL_RESULTS(WORD)};
static const char *const signal_sources[] = {DZ_SIGNAL_SOURCES(WORD)};
static const char *const sources[] = {DZ_SECTION_SOURCES(WORD)};
static const char *const ends[] = {DZ_SECTION_ENDS(WORD)};
static const char *const steps[] = {DZ_STEP_TYPES(WORD)};
static const char *const states[] = {DZ_PHASE_STATES(WORD)};
static const char *const causes[] = {DZ_RUNQ_CAUSES(WORD)};
static const char *const offcpu_states[] = {DZ_OFFCPU_STATES(WORD)};
#undef WORD

#define WORDS(array) array, sizeof(array) / sizeof((array)[0])

static const struct {
	uint32_t kind;
	const char *field;
	const char *const *words;
	size_t count;
} vocabularies[] = {
	{DZ_KIND_SIGNAL, "result", WORDS(results)},
	{DZ_KIND_SIGNAL, "source", WORDS(signal_sources)},
	{DZ_KIND_SECTION, "source", WORDS(sources)},
	{DZ_KIND_SECTION, "end", WORDS(ends)},
	{DZ_KIND_SECTION_HISTOGRAM, "source", WORDS(sources)},
	{DZ_KIND_STEP, "step_type", WORDS(steps)},
	{DZ_KIND_PHASE, "state", WORDS(states)},
	{DZ_KIND_RUNQ, "cause", WORDS(causes)},
	{DZ_KIND_OFFCPU, "state", WORDS(offcpu_states)},
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
