/* record/options/profile_options.c - the values of events of -e, such as the threshold of runq */
#include "record/options/profile_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "record/options/refusal.h"
#include "record/options/syscall_rule.h"
#include "text/quantity.h"

#define RUNQ_NS       10000000u
#define OFFCPU_NS     1000000u
#define CPU_HERTZ     99u
#define CPU_HERTZ_MAX 10000u
#define NS_PER_SECOND 1000000000u

/* *threshold_ns is the default, which remains without a value. */
static void set_threshold(uint64_t *threshold_ns, const char *name, const char *value)
{
	char text[256], reason[256];

	if (!value || section_threshold_parse(value, threshold_ns))
		return;
	(void)snprintf(text, sizeof(text), "%s:%s", name, value);
	(void)snprintf(reason, sizeof(reason), "not a time: use for example %s:10 (ms) or %s:250us",
		       name, name);
	refusal_of_value("event", text, reason);
}

static void set_runq(struct profile_options *options, const char *value)
{
	options->runq_ns = RUNQ_NS;
	set_threshold(&options->runq_ns, "runq", value);
}

static void set_offcpu(struct profile_options *options, const char *value)
{
	options->offcpu_ns = OFFCPU_NS;
	set_threshold(&options->offcpu_ns, "offcpu", value);
}

static void set_cpu(struct profile_options *options, const char *value)
{
	uint64_t hertz = CPU_HERTZ;
	char text[256];

	if (value && (!quantity_parse_count(value, CPU_HERTZ_MAX, &hertz) || hertz == 0)) {
		(void)snprintf(text, sizeof(text), "cpu:%s", value);
		refusal_of_value("event", text,
				 "not a number of samples a second, 1 to 10000: hardware "
				 "counters cannot be sampled");
	}
	options->cpu_period_ns = NS_PER_SECOND / hertz;
}

bool profile_options_set(struct profile_options *options, const char *name, const char *value)
{
	if (strcmp(name, "runq") == 0)
		set_runq(options, value);
	else if (strcmp(name, "cpu") == 0)
		set_cpu(options, value);
	else if (strcmp(name, "offcpu") == 0)
		set_offcpu(options, value);
	else
		return false;
	return true;
}
