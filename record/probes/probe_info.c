/* record/probes/probe_info.c - info records about probes */
#include "record/probes/probe_info.h"

#include <stdio.h>

#define PROBE_KEY_MAX 320

static bool note_probe(struct recording *recording, const struct probe *probe,
		       struct problem *ret_problem)
{
	const char *text = probe->failure ? probe->failure : probe->prototype;
	char key[PROBE_KEY_MAX];

	(void)snprintf(key, sizeof(key), "%s.%s", probe->failure ? "attach.failed" : "probe.types",
		       probe->name);
	return !text || recording_add_info(recording, key, text, ret_problem);
}

bool probe_info_note_start(struct recording *recording, const struct probe_programs *programs,
			   struct problem *ret_problem)
{
	const struct probe_list *list = programs ? probe_programs_list(programs) : NULL;

	for (size_t i = 0; list && i < list->count; i++) {
		if (!note_probe(recording, &list->probes[i], ret_problem))
			return false;
	}
	if (programs && !recording_add_info_number(recording, "probe.attach_ns",
						   probe_programs_attach_ns(programs), ret_problem))
		return false;
	return !programs || probe_programs_counts_misses(programs) ||
	       recording_add_info(
		       recording, "probe.misses",
		       "not counted: this kernel does not report missed hits of all probes",
		       ret_problem);
}

static bool note_counts(struct recording *recording, const char *name,
			const struct probe_counts *counts, struct problem *ret_problem)
{
	const struct {
		const char *name;
		uint64_t count;
	} skips[] = {
		{"skipped_every", counts->skipped_every},
		{"skipped_rate", counts->skipped_rate},
		{"skipped_min_latency", counts->skipped_latency},
	};
	char key[PROBE_KEY_MAX];

	(void)snprintf(key, sizeof(key), "probe.hits.%s", name);
	if (!recording_add_info_number(recording, key, counts->hits, ret_problem))
		return false;
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		(void)snprintf(key, sizeof(key), "probe.%s.%s", skips[i].name, name);
		if (skips[i].count &&
		    !recording_add_info_number(recording, key, skips[i].count, ret_problem))
			return false;
	}
	return true;
}

bool probe_info_note_end(struct recording *recording, const struct probe_programs *programs,
			 struct problem *ret_problem)
{
	const struct probe_list *list = programs ? probe_programs_list(programs) : NULL;

	for (size_t i = 0; list && i < list->count; i++) {
		const struct probe_counts counts = probe_programs_counts(programs, i);

		if (counts.hits &&
		    !note_counts(recording, list->probes[i].name, &counts, ret_problem))
			return false;
	}
	return true;
}
