/* record/output/trigger.c - events that make the recorder write its flight window */
#include "record/output/trigger.h"

#include <stdio.h>
#include <string.h>

#include "abi/signal.h"

#define HOUR_NS         UINT64_C(3600000000000)
#define CONDITION_BYTES 320u

/* What an event is, as far as conditions look at it. */
struct seen {
	const struct event_task *task;
	const char *cgroup; /* NULL: unknown */
	uint32_t class;     /* 0: none that a trigger knows */
	uint32_t signal;
};

static const struct {
	const char *word;
	enum trigger_class class;
} class_words[] = {
	{"failed", TRIGGER_FAILED}, {"crashed", TRIGGER_CRASHED}, {"killed", TRIGGER_KILLED},
	{"oom", TRIGGER_OOM},       {"section", TRIGGER_SECTION},
};

#define CLASS_COUNT (sizeof(class_words) / sizeof(class_words[0]))

static const char *class_word(uint32_t class)
{
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		if (class_words[i].class == class)
			return class_words[i].word;
	}
	return "";
}

static const char *set_class(struct trigger_alternative *alternative, const char *word)
{
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		if (strcmp(word, class_words[i].word) != 0)
			continue;
		if (alternative->class)
			return "an event has one class: repeat --trigger for an alternative";
		alternative->class = class_words[i].class;
		return NULL;
	}
	return "not a condition: use failed, crashed, killed, oom, section, signal=NAME, comm=NAME "
	       "or cgroup=PATH";
}

static const char *set_text(char *field, size_t capacity, const char *value, const char *reason)
{
	if (*value == '\0' || strlen(value) >= capacity)
		return reason;
	memcpy(field, value, strlen(value) + 1);
	return NULL;
}

static const char *set_condition(struct trigger_alternative *alternative, const char *word)
{
	if (strncmp(word, "signal=", 7) == 0)
		return signal_parse(word + 7, &alternative->signal) ? NULL : "no such signal";
	if (strncmp(word, "comm=", 5) == 0)
		return set_text(alternative->comm, sizeof(alternative->comm), word + 5,
				"comm= takes a name of 1 to 15 bytes: the kernel keeps no more");
	if (strncmp(word, "cgroup=", 7) == 0)
		return word[7] == '/' ? set_text(alternative->cgroup, sizeof(alternative->cgroup),
						 word + 7, "cgroup= takes at most 255 bytes")
				      : "cgroup= takes a path that begins with /, as "
					"/proc/PID/cgroup shows it";
	return set_class(alternative, word);
}

const char *trigger_add(struct trigger *trigger, const char *text)
{
	struct trigger_alternative alternative = {.text = text};
	char copy[CONDITION_BYTES];
	char *rest = copy, *word;

	if (trigger->count == TRIGGER_ALTERNATIVES_MAX)
		return "more than 16 alternatives";
	if (strlen(text) >= sizeof(copy))
		return "too long";
	memcpy(copy, text, strlen(text) + 1);
	while ((word = strsep(&rest, ","))) {
		const char *reason = set_condition(&alternative, word);

		if (reason)
			return reason;
	}
	if (alternative.signal &&
	    (alternative.class & (TRIGGER_FAILED | TRIGGER_SECTION | TRIGGER_OOM)))
		return "signal= goes with crashed or killed only";
	trigger->alternatives[trigger->count++] = alternative;
	return NULL;
}

static uint32_t class_of_status(uint32_t status, uint32_t *ret_signal)
{
	static const uint64_t crashes = 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 11 |
					1u << 31; /* ILL TRAP ABRT BUS FPE SEGV SYS */

	*ret_signal = status & 0x7f;
	if (*ret_signal)
		return crashes >> *ret_signal & 1 ? TRIGGER_CRASHED : TRIGGER_KILLED;
	return status ? TRIGGER_FAILED : 0;
}

static struct seen look_at(const struct event_header *record)
{
	const struct event_exit *exit = (const struct event_exit *)record;
	struct seen seen = {0};

	switch (record->kind) {
	case EVENT_EXIT:
		seen.task = &exit->task;
		if (!exit->thread)
			seen.class = class_of_status(exit->status, &seen.signal);
		break;
	case EVENT_OOM:
		seen.task = &((const struct event_oom *)record)->victim;
		seen.class = TRIGGER_OOM;
		break;
	case EVENT_SECTION:
		seen.task = &((const struct event_section *)record)->task;
		seen.class = TRIGGER_SECTION;
		break;
	default:
		break;
	}
	return seen;
}

static bool has_name(const struct event_task *task, const char *name)
{
	return strncmp(task->comm, name, EVENT_COMM_BYTES) == 0 ||
	       strncmp(task->process_comm, name, EVENT_COMM_BYTES) == 0;
}

/* Whether `path` is the group `wanted` or below it. */
static bool is_within(const char *path, const char *wanted)
{
	size_t length = strlen(wanted);

	while (length > 0 && wanted[length - 1] == '/')
		length--;
	return path && strncmp(path, wanted, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}

static bool holds(const struct trigger_alternative *alternative, const struct seen *seen)
{
	return (!alternative->class || alternative->class == seen->class) &&
	       (!alternative->signal || alternative->signal == seen->signal) &&
	       (!alternative->comm[0] || has_name(seen->task, alternative->comm)) &&
	       (!alternative->cgroup[0] || is_within(seen->cgroup, alternative->cgroup));
}

/* Windows that were written in the hour before now. */
static uint32_t windows_in_hour(const struct trigger_state *state, uint64_t now_ns)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < TRIGGER_WINDOWS_MAX; i++)
		count += state->written_ns[i] && now_ns - state->written_ns[i] < HOUR_NS;
	return count;
}

static bool is_limited(const struct trigger *trigger, const struct trigger_state *state,
		       uint64_t event_ns)
{
	uint64_t last_ns =
		state->written_count
			? state->written_ns[(state->written_count - 1) % TRIGGER_WINDOWS_MAX]
			: 0;

	return (last_ns && event_ns < last_ns + trigger->cooldown_ns) ||
	       windows_in_hour(state, event_ns) >= trigger->windows_max;
}

static void fire(struct trigger_state *state, const struct trigger_alternative *alternative,
		 const struct seen *seen)
{
	const struct event_task *task = seen->task;
	const char *comm = task->process_comm[0] ? task->process_comm : task->comm;

	(void)snprintf(state->reason, sizeof(state->reason), "%.100s: %s, %.15s[%u]%s%s",
		       alternative->text, class_word(seen->class), comm, task->pid,
		       seen->signal ? ", " : "",
		       seen->signal ? signal_name(seen->signal).text : "");
}

void trigger_see(const struct trigger *trigger, struct trigger_state *state,
		 const struct event_header *record, const char *cgroup)
{
	struct seen seen = look_at(record);

	if (!seen.class || state->event_ns)
		return;
	seen.cgroup = cgroup;
	for (size_t i = 0; i < trigger->count; i++) {
		if (!holds(&trigger->alternatives[i], &seen))
			continue;
		if (is_limited(trigger, state, record->time_ns)) {
			state->left_out++;
			return;
		}
		state->event_ns = record->time_ns;
		fire(state, &trigger->alternatives[i], &seen);
		return;
	}
}

bool trigger_is_due(const struct trigger *trigger, const struct trigger_state *state,
		    uint64_t now_ns)
{
	return state->event_ns && now_ns >= state->event_ns + trigger->after_ns;
}

void trigger_wrote(struct trigger_state *state, uint64_t now_ns)
{
	state->written_ns[state->written_count++ % TRIGGER_WINDOWS_MAX] = now_ns;
	state->event_ns = 0;
	state->left_out = 0;
	state->reason[0] = '\0';
}
