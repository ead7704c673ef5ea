/* record/sections/section_info.c - what a recording says of its sections, beside them */
#include "record/sections/section_info.h"

static bool note_samples(struct recording *recording, const struct run_options *options,
			 struct run_programs *programs, struct problem *ret_problem)
{
	const struct run_samples *samples = run_programs_samples(programs);
	const struct {
		const char *key;
		uint64_t ns;
	} facts[] = {
		{"run.sample_asked_ns", options->timer_ns},
		{"run.sample_period_ns", samples->period_ns},
		{"run.sample_cost_ns", samples->cost_ns},
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (facts[i].ns &&
		    !recording_note_number(recording, facts[i].key, facts[i].ns, ret_problem))
			return false;
	}
	return true;
}

bool run_facts_note_start(struct recording *recording, const struct run_options *options,
			  struct run_programs *programs, struct problem *ret_problem)
{
	const char *gap;

	if (!programs)
		return true;
	for (size_t i = 0; (gap = run_programs_gap(programs, i)); i++) {
		if (!recording_note(recording, "attach.failed.run", gap, ret_problem))
			return false;
	}
	return note_samples(recording, options, programs, ret_problem);
}
