/* record/sections/section_info.c - info records about sections */
#include "record/sections/section_info.h"

static bool note_samples(struct recording *recording, const struct section_options *options,
			 struct section_programs *programs, struct problem *ret_problem)
{
	const struct section_samples *samples = section_programs_samples(programs);
	const struct {
		const char *key;
		uint64_t ns;
	} infos[] = {
		{"section.sample_asked_ns", options->timer_ns},
		{"section.sample_period_ns", samples->period_ns},
		{"section.sample_cost_ns", samples->cost_ns},
	};

	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (infos[i].ns &&
		    !recording_add_info_number(recording, infos[i].key, infos[i].ns, ret_problem))
			return false;
	}
	return true;
}

bool section_info_note_start(struct recording *recording, const struct section_options *options,
			     struct section_programs *programs, struct problem *ret_problem)
{
	const char *unattached;

	if (!programs)
		return true;
	for (size_t i = 0; (unattached = section_programs_unattached(programs, i)); i++) {
		if (!recording_add_info(recording, "attach.failed.section", unattached,
					ret_problem))
			return false;
	}
	if (!recording_add_info(recording, "section.histogram_of", "ended", ret_problem))
		return false;
	if (options->slowest_ppm && !recording_add_info_number(recording, "section.slowest_ppm",
							       options->slowest_ppm, ret_problem))
		return false;
	return note_samples(recording, options, programs, ret_problem);
}

bool section_info_note_end(struct recording *recording, const struct section_programs *programs,
			   struct problem *ret_problem)
{
	struct section_failures counts;

	if (!programs)
		return true;
	counts = section_programs_failures(programs);
	return recording_add_info_number(recording, "section.unfinished", counts.unfinished,
					 ret_problem) &&
	       recording_add_info_number(recording, "section.stacks_walked", counts.walked_stacks,
					 ret_problem) &&
	       recording_add_info_number(recording, "section.stacks_copied", counts.copied_stacks,
					 ret_problem);
}
