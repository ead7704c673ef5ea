/* record/options/profile_options.c - the values of events of -e, such as the threshold of runq */
#include "record/options/profile_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "record/options/refusal.h"
#include "record/options/syscall_rule.h"

#define RUNQ_NS 10000000u

bool profile_options_set(struct profile_options *options, const char *name, const char *value)
{
	char text[256];

	if (strcmp(name, "runq") != 0)
		return false;
	options->runq_ns = RUNQ_NS;
	if (!value || section_threshold_parse(value, &options->runq_ns))
		return true;
	(void)snprintf(text, sizeof(text), "%s:%s", name, value);
	refusal_of_value("event", text, "not a time: use for example runq:10 (ms) or runq:250us");
}
