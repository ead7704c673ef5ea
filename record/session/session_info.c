/* record/session/session_info.c - info records about the recorder, the host and the totals */
#include "record/session/session_info.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "record/privilege/privileges.h"
#include "record/session/profile_info.h"

/* The longest string of the format. */
#define INFO_TEXT_MAX 4096u

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u

static uint64_t timeval_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * NS_PER_US;
}

uint64_t session_info_own_cpu_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return timeval_ns(&usage.ru_utime) + timeval_ns(&usage.ru_stime);
}

/* Joins the words before `end`, which can be NULL, with spaces, truncated to the capacity. */
static void join_words(char *const words[], char *const *end, char *text, size_t capacity)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; words[i] && &words[i] != end && used < capacity; i++) {
		int length = snprintf(text + used, capacity - used, "%s%s", i ? " " : "", words[i]);

		if (length < 0)
			break;
		used += (size_t)length;
	}
}

static bool session_info_note_host(struct recording *recording, struct problem *ret_problem)
{
	struct utsname host;
	char kernel[sizeof(host.release) + sizeof(host.version) + 1];

	if (uname(&host) != 0)
		return true;
	(void)snprintf(kernel, sizeof(kernel), "%s %s", host.release, host.version);
	return recording_add_info(recording, "host.name", host.nodename, ret_problem) &&
	       recording_add_info(recording, "host.kernel", kernel, ret_problem) &&
	       recording_add_info(recording, "host.machine", host.machine, ret_problem) &&
	       recording_add_info_number(recording, "host.cpus",
					 (uint64_t)sysconf(_SC_NPROCESSORS_ONLN), ret_problem);
}

/* The arguments of the COMMAND are recorded only with --cmdline, like those of other processes. */
static char *const *end_of_command(const struct options *options)
{
	return options->command && !options->command_lines ? options->command + 1 : NULL;
}

bool session_info_note_command(struct recording *recording, const struct options *options,
			       const struct session_command *command, struct problem *ret_problem)
{
	char text[INFO_TEXT_MAX];

	if (command->start_ns == 0)
		return true;
	if (options->command_lines) {
		join_words(options->command, NULL, text, sizeof(text));
		if (!recording_add_info(recording, "command.arguments", text, ret_problem))
			return false;
	}
	/* In another namespace the records have a different number. */
	return command->pid == 0 ||
	       (recording_add_info_number(recording, "command.pid", (uint64_t)command->pid,
					  ret_problem) &&
		recording_add_info_number(recording, "command.start_ns", command->start_ns,
					  ret_problem));
}

static bool session_info_note_recorder(struct recording *recording, const struct options *options,
				       struct problem *ret_problem)
{
	char text[INFO_TEXT_MAX];

	join_words(options->arguments, end_of_command(options), text, sizeof(text));
	if (!recording_add_info(recording, "recorder.version", DIAG_VERSION, ret_problem) ||
	    !recording_add_info(recording, "recorder.command", text, ret_problem))
		return false;
	options_describe_events(options, ",", text, sizeof(text));
	return recording_add_info(recording, "recorder.events", text, ret_problem);
}

/* Makes "filter.sender_comm" from the option --sender-comm. */
static void make_filter_key(const char *option, char *ret_key, size_t size)
{
	(void)snprintf(ret_key, size, "filter.%s", option);
	for (char *dash = strchr(ret_key, '-'); dash; dash = strchr(dash, '-'))
		*dash = '_';
}

static bool session_info_note_filters(struct recording *recording, const struct options *options,
				      struct problem *ret_problem)
{
	char key[64];

	for (size_t i = 0; i < OPTIONS_TEXT_COUNT; i++) {
		if (!options->texts[i])
			continue;
		make_filter_key(options_text_name((enum options_text)i), key, sizeof(key));
		if (!recording_add_info(recording, key, options->texts[i], ret_problem))
			return false;
	}
	if (options->filter.failed &&
	    !recording_add_info(recording, "filter.failed", "yes", ret_problem))
		return false;
	if (options->filter.threads &&
	    !recording_add_info(recording, "filter.threads", "included", ret_problem))
		return false;
	return !options->command || options->all ||
	       recording_add_info(recording, "filter.command", options->command[0], ret_problem);
}

static bool session_info_note_unattached(struct recording *recording,
					 const struct programs *programs,
					 struct problem *ret_problem)
{
	struct programs_unattached unattached;
	char key[64];

	for (size_t i = 0; programs_unattached(programs, i, &unattached); i++) {
		(void)snprintf(key, sizeof(key), "attach.failed.%s", unattached.name);
		if (!recording_add_info(recording, key, unattached.reason, ret_problem))
			return false;
	}
	return true;
}

static bool session_info_note_rings(struct recording *recording, const struct programs *programs,
				    struct problem *ret_problem)
{
	struct programs_ring ring;
	char key[64];

	for (size_t i = 0; programs_ring(programs, i, &ring); i++) {
		(void)snprintf(key, sizeof(key), "ring.bytes.%s", ring.name);
		if (!recording_add_info_number(recording, key, ring.bytes, ret_problem))
			return false;
	}
	return true;
}

bool session_info_note_skipped(struct recording *recording, const uint64_t *counts,
			       struct problem *ret_problem)
{
	const struct {
		const char *key;
		enum event_count count;
	} skipped[] = {
		{"filter.skipped.exit", COUNT_SKIPPED_EXIT},
		{"filter.skipped.signal", COUNT_SKIPPED_SIGNAL},
	};

	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
		if (counts[skipped[i].count] &&
		    !recording_add_info_number(recording, skipped[i].key, counts[skipped[i].count],
					       ret_problem))
			return false;
	}
	return true;
}

bool session_info_note_start(struct recording *recording, const struct options *options,
			     const struct programs *programs, struct problem *ret_problem)
{
	return session_info_note_recorder(recording, options, ret_problem) &&
	       session_info_note_host(recording, ret_problem) &&
	       session_info_note_filters(recording, options, ret_problem) &&
	       profile_info_note_start(recording, options, ret_problem) &&
	       session_info_note_rings(recording, programs, ret_problem) &&
	       session_info_note_unattached(recording, programs, ret_problem);
}

bool session_info_note_privileges(struct recording *recording, struct problem *ret_problem)
{
	char text[INFO_TEXT_MAX];

	privileges_describe(text, sizeof(text));
	return recording_add_info(recording, "recorder.privileges", text, ret_problem);
}

static bool session_info_note_events(struct recording *recording, struct problem *ret_problem)
{
	struct dz_writer_totals totals = dz_writer_totals(recording->writer);
	const struct dz_kind_schema *kinds;
	size_t count;
	char key[64];

	kinds = dz_schema_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		if (kinds[i].kind < DZ_KIND_FIRST_EVENT || totals.rows[kinds[i].kind] == 0)
			continue;
		(void)snprintf(key, sizeof(key), "events.%s", kinds[i].name);
		if (!recording_add_info_number(recording, key, totals.rows[kinds[i].kind],
					       ret_problem))
			return false;
	}
	return true;
}

bool session_info_note_end(struct recording *recording, const struct programs *programs,
			   uint64_t lost, uint64_t cpu_ns, struct problem *ret_problem)
{
	struct programs_cost cost = programs_cost(programs);

	if (!session_info_note_events(recording, ret_problem) ||
	    !recording_add_info_number(recording, "lost.total", lost, ret_problem) ||
	    !recording_add_info_number(recording, "recorder.cpu_ns", cpu_ns, ret_problem))
		return false;
	/* The kernel measures BPF programs only if kernel.bpf_stats_enabled is set. */
	return cost.runs == 0 ||
	       (recording_add_info_number(recording, "bpf.run_time_ns", cost.run_time_ns,
					  ret_problem) &&
		recording_add_info_number(recording, "bpf.runs", cost.runs, ret_problem));
}
