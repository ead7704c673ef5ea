/* record/session/profile_info.c - info records about waits for a CPU, samples and blocked time */
#include "record/session/profile_info.h"

#include <stdio.h>

#define PROFILE_KEY_MAX 64

bool profile_info_note_start(struct recording *recording, const struct options *options,
			     struct problem *ret_problem)
{
	return (!(options->events & OPTIONS_RUNQ) ||
		recording_add_info_number(recording, "runq.threshold_ns", options->profile.runq_ns,
					  ret_problem)) &&
	       (!(options->events & OPTIONS_OFFCPU) ||
		recording_add_info_number(recording, "offcpu.threshold_ns",
					  options->profile.offcpu_ns, ret_problem)) &&
	       (sampled_event_is_clock(&options->profile.cpu_event) ||
		recording_add_info(recording, "cpu.event", options->profile.cpu_event.name,
				   ret_problem));
}

static bool note_chosen(struct recording *recording, const char *name,
			const struct sched_chosen *chosen, struct problem *ret_problem)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{"hits", chosen->happened},
		{"skipped_every", chosen->skipped_every},
		{"skipped_rate", chosen->skipped_rate},
	};
	char key[PROFILE_KEY_MAX];

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		(void)snprintf(key, sizeof(key), "%s.%s", name, counts[i].name);
		if (counts[i].count &&
		    !recording_add_info_number(recording, key, counts[i].count, ret_problem))
			return false;
	}
	return true;
}

bool profile_info_note_end(struct recording *recording, const struct programs *programs,
			   struct problem *ret_problem)
{
	static const char *const names[SCHED_CHOICES] = {
		[SCHED_CHOICE_RUNQ] = "runq",
		[SCHED_CHOICE_CPU] = "cpu",
		[SCHED_CHOICE_OFFCPU] = "offcpu",
	};

	for (int choice = 0; choice < SCHED_CHOICES; choice++) {
		const struct sched_chosen chosen =
			programs_chosen(programs, (enum sched_choice)choice);

		if (!note_chosen(recording, names[choice], &chosen, ret_problem))
			return false;
	}
	return true;
}
