/* record/options/sampled_event.c - the event whose occurrences -e cpu samples, by its name in perf
 */
#include "record/options/sampled_event.h"

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "text/similar_names.h"

#define CGROUP_SWITCHES 11 /* PERF_COUNT_SW_CGROUP_SWITCHES (5.13) */

#define HARDWARE(name) PERF_TYPE_HARDWARE, PERF_COUNT_HW_##name
#define SOFTWARE(name) PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##name

/* Names that mean the same are perf's, too. */
static const struct named_event {
	const char *name;
	uint32_t type;
	uint64_t config;
} named_events[] = {
	{"cycles", HARDWARE(CPU_CYCLES)},
	{"cpu-cycles", HARDWARE(CPU_CYCLES)},
	{"instructions", HARDWARE(INSTRUCTIONS)},
	{"cache-references", HARDWARE(CACHE_REFERENCES)},
	{"cache-misses", HARDWARE(CACHE_MISSES)},
	{"branches", HARDWARE(BRANCH_INSTRUCTIONS)},
	{"branch-instructions", HARDWARE(BRANCH_INSTRUCTIONS)},
	{"branch-misses", HARDWARE(BRANCH_MISSES)},
	{"bus-cycles", HARDWARE(BUS_CYCLES)},
	{"stalled-cycles-frontend", HARDWARE(STALLED_CYCLES_FRONTEND)},
	{"idle-cycles-frontend", HARDWARE(STALLED_CYCLES_FRONTEND)},
	{"stalled-cycles-backend", HARDWARE(STALLED_CYCLES_BACKEND)},
	{"idle-cycles-backend", HARDWARE(STALLED_CYCLES_BACKEND)},
	{"ref-cycles", HARDWARE(REF_CPU_CYCLES)},
	{"cpu-clock", SOFTWARE(CPU_CLOCK)},
	{"task-clock", SOFTWARE(TASK_CLOCK)},
	{"page-faults", SOFTWARE(PAGE_FAULTS)},
	{"faults", SOFTWARE(PAGE_FAULTS)},
	{"minor-faults", SOFTWARE(PAGE_FAULTS_MIN)},
	{"major-faults", SOFTWARE(PAGE_FAULTS_MAJ)},
	{"context-switches", SOFTWARE(CONTEXT_SWITCHES)},
	{"cs", SOFTWARE(CONTEXT_SWITCHES)},
	{"cpu-migrations", SOFTWARE(CPU_MIGRATIONS)},
	{"migrations", SOFTWARE(CPU_MIGRATIONS)},
	{"alignment-faults", SOFTWARE(ALIGNMENT_FAULTS)},
	{"emulation-faults", SOFTWARE(EMULATION_FAULTS)},
	{"cgroup-switches", PERF_TYPE_SOFTWARE, CGROUP_SWITCHES},
};

#define NAMED_EVENTS (sizeof(named_events) / sizeof(named_events[0]))

/* Hardware cache events are CACHE-OPERATION, such as LLC-load-misses. */
static const struct named_part {
	const char *name;
	uint32_t value;
} caches[] =
	{
		{"L1-dcache", PERF_COUNT_HW_CACHE_L1D}, {"L1-icache", PERF_COUNT_HW_CACHE_L1I},
		{"LLC", PERF_COUNT_HW_CACHE_LL},        {"dTLB", PERF_COUNT_HW_CACHE_DTLB},
		{"iTLB", PERF_COUNT_HW_CACHE_ITLB},     {"branch", PERF_COUNT_HW_CACHE_BPU},
		{"node", PERF_COUNT_HW_CACHE_NODE},
},
  operations[] = {
#define OPERATION(operation, result)                                                               \
	(PERF_COUNT_HW_CACHE_OP_##operation << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)
	  {"loads", OPERATION(READ, ACCESS)},
	  {"load-misses", OPERATION(READ, MISS)},
	  {"stores", OPERATION(WRITE, ACCESS)},
	  {"store-misses", OPERATION(WRITE, MISS)},
	  {"prefetches", OPERATION(PREFETCH, ACCESS)},
	  {"prefetch-misses", OPERATION(PREFETCH, MISS)},
#undef OPERATION
};

#define CACHES     (sizeof(caches) / sizeof(caches[0]))
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Takes an event of either table. Returns whether to go on. */
typedef bool (*take_event)(void *context, const struct named_event *event);

static bool walk_cache(const struct named_part *cache, take_event take, void *context)
{
	char name[SAMPLED_EVENT_NAME_MAX];
	struct named_event event = {.name = name, .type = PERF_TYPE_HW_CACHE};

	for (size_t i = 0; i < OPERATIONS; i++) {
		(void)snprintf(name, sizeof(name), "%s-%s", cache->name, operations[i].name);
		event.config = cache->value | operations[i].value;
		if (!take(context, &event))
			return false;
	}
	return true;
}

static void walk_events(take_event take, void *context)
{
	bool goes_on = true;

	for (size_t i = 0; i < NAMED_EVENTS && goes_on; i++)
		goes_on = take(context, &named_events[i]);
	for (size_t i = 0; i < CACHES && goes_on; i++)
		goes_on = walk_cache(&caches[i], take, context);
}

struct search {
	const char *text;
	struct sampled_event *found;
	bool is_found;
};

static bool compare(void *context, const struct named_event *event)
{
	struct search *search = context;

	if (strcmp(event->name, search->text) != 0)
		return true;
	(void)snprintf(search->found->name, sizeof(search->found->name), "%s", event->name);
	search->found->type = event->type;
	search->found->config = event->config;
	search->is_found = true;
	return false;
}

static bool offer(void *context, const struct named_event *event)
{
	similar_names_offer(context, event->name);
	return true;
}

bool sampled_event_parse(const char *text, struct sampled_event *ret_event,
			 struct problem *ret_problem)
{
	struct search search = {.text = text, .found = ret_event};
	char names[SIMILAR_NAMES_TEXT_MAX];
	struct similar_names similar;

	walk_events(compare, &search);
	if (search.is_found)
		return true;
	similar_names_begin(&similar, text);
	walk_events(offer, &similar);
	similar_names_text(&similar, names);
	return problem_set(ret_problem, "no such event%s%s", names[0] ? ": did you mean " : "",
			   names[0] ? names
				    : ": use a number of samples a second, or a name that perf "
				      "list prints, such as cycles or page-faults");
}

bool sampled_event_is_clock(const struct sampled_event *event)
{
	return !event->name[0] ||
	       (event->type == PERF_TYPE_SOFTWARE && (event->config == PERF_COUNT_SW_CPU_CLOCK ||
						      event->config == PERF_COUNT_SW_TASK_CLOCK));
}

bool sampled_event_is_counted(const struct sampled_event *event)
{
	return event->type == PERF_TYPE_SOFTWARE && !sampled_event_is_clock(event);
}
