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
#define NOT_A_RATE    "not a number of samples a second, 1 to 10000"

static void fail_event(const char *name, const char *value, const char *reason)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s:%s", name, value);
	refusal_of_value("event", text, reason);
}

/* *threshold_ns remains what it is without a value. An event that is named twice has one threshold:
 * the other value would have no effect. */
static void set_threshold(uint64_t *threshold_ns, bool *is_given, const char *name,
			  const char *value)
{
	char reason[256];
	uint64_t ns;

	if (!value)
		return;
	if (!section_threshold_parse(value, &ns)) {
		(void)snprintf(reason, sizeof(reason),
			       "not a time: use for example %s:10 (ms) or %s:250us", name, name);
		fail_event(name, value, reason);
	}
	if (*is_given && *threshold_ns != ns)
		fail_event(name, value, "only one time is possible");
	*threshold_ns = ns;
	*is_given = true;
}

static void set_runq(struct profile_options *options, const char *value)
{
	if (!options->has_runq_ns)
		options->runq_ns = RUNQ_NS;
	set_threshold(&options->runq_ns, &options->has_runq_ns, "runq", value);
}

static void set_offcpu(struct profile_options *options, const char *value)
{
	if (!options->has_offcpu_ns)
		options->offcpu_ns = OFFCPU_NS;
	set_threshold(&options->offcpu_ns, &options->has_offcpu_ns, "offcpu", value);
}

static void fail_cpu(const char *value, const char *reason)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "cpu%s%s", value ? ":" : "", value ? value : "");
	refusal_of_value("event", text, reason);
}

static void check_frequency(const struct profile_options *options, const char *value)
{
	if (options->has_hertz && sampled_event_is_counted(&options->cpu_event))
		fail_cpu(value, "each of these events is recorded, so there is no frequency: use "
				"--every to record fewer");
}

static void set_frequency(struct profile_options *options, const char *value, const char *number)
{
	uint64_t hertz;

	if (!quantity_parse_count(number, CPU_HERTZ_MAX, &hertz) || hertz == 0)
		fail_cpu(value, NOT_A_RATE);
	if (options->has_hertz && options->cpu_hertz != hertz)
		fail_cpu(value, "only one number of samples a second is possible");
	options->cpu_hertz = (uint32_t)hertz;
	options->has_hertz = true;
}

/* EVENT[:HZ], of which value is the whole. */
static void set_event(struct profile_options *options, const char *value)
{
	struct sampled_event event = {.type = 0};
	char name[SAMPLED_EVENT_NAME_MAX + 1];
	struct problem problem;
	size_t length = strcspn(value, ":");

	(void)snprintf(name, sizeof(name), "%.*s", (int)length, value);
	if (!sampled_event_parse(name, &event, &problem))
		fail_cpu(value, problem.text);
	if (options->cpu_event.name[0] && strcmp(options->cpu_event.name, event.name) != 0)
		fail_cpu(value, "only one event can be sampled");
	options->cpu_event = event;
	if (value[length])
		set_frequency(options, value, value + length + 1);
}

/* HZ, EVENT or EVENT:HZ. */
static void set_cpu(struct profile_options *options, const char *value)
{
	if (!options->cpu_hertz)
		options->cpu_hertz = CPU_HERTZ;
	if (value && value[strspn(value, "0123456789")] == '\0')
		set_frequency(options, value, value);
	else if (value)
		set_event(options, value);
	check_frequency(options, value);
	options->cpu_period_ns = NS_PER_SECOND / options->cpu_hertz;
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

void profile_options_set_frequency(struct profile_options *options, const char *value)
{
	uint64_t hertz;

	if (!quantity_parse_count(value, CPU_HERTZ_MAX, &hertz) || hertz == 0)
		refusal_of_value("freq", value, NOT_A_RATE);
	set_cpu(options, value);
}
