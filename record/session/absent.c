/* record/session/absent.c - warnings about filters that match nothing when a recording starts */
#include "record/session/absent.h"

#include <dirent.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/common/message.h"
#include "record/kernel/cgroup_filter.h"
#include "record/options/name_pattern.h"
#include "text/id_list.h"

#define PATH_BYTES    64u
#define LINE_BYTES    4096u
#define GROUP_FILES   16
#define GROUP_IS_USED 1

/* What was seen of the filters so far. */
struct search {
	const struct filter *filter;
	bool tgid;
	bool tid;
	bool uid;
	bool comms[FILTER_NAMES_MAX];
};

static bool holds(const struct filter_ranges *ranges, uint64_t id)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		if (id >= ranges->ranges[i].first && id <= ranges->ranges[i].last)
			return true;
	}
	return false;
}

/* Reads a line of a file below /proc that begins with the key. */
static bool read_line(const char *path, const char *key, char line[LINE_BYTES])
{
	FILE *file = fopen(path, "re");
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, LINE_BYTES, file))
		found = strncmp(line, key, strlen(key)) == 0;
	(void)fclose(file);
	return found;
}

static void see_name(struct search *search, const char *pid, const char *tid)
{
	const struct filter_names *names = &search->filter->comms;
	char path[PATH_BYTES], line[LINE_BYTES];

	(void)snprintf(path, sizeof(path), "/proc/%.16s/task/%.16s/comm", pid, tid);
	if (!read_line(path, "", line))
		return;
	line[strcspn(line, "\n")] = '\0';
	for (uint32_t i = 0; i < names->count; i++)
		search->comms[i] |= name_pattern_matches(names, i, line);
}

static void see_threads(struct search *search, const char *pid)
{
	char path[PATH_BYTES];
	struct dirent *entry;
	DIR *directory;

	(void)snprintf(path, sizeof(path), "/proc/%.16s/task", pid);
	directory = opendir(path);
	if (!directory)
		return;
	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		search->tid |= holds(&search->filter->tids, strtoul(entry->d_name, NULL, 10));
		if (search->filter->comms.count)
			see_name(search, pid, entry->d_name);
	}
	(void)closedir(directory);
}

static void see_process(struct search *search, const char *pid)
{
	static const char key[] = "Uid:";
	const struct filter *filter = search->filter;
	char path[PATH_BYTES], line[LINE_BYTES];

	search->tgid |= holds(&filter->tgids, strtoul(pid, NULL, 10));
	if (filter->tids.count || filter->comms.count)
		see_threads(search, pid);
	(void)snprintf(path, sizeof(path), "/proc/%.16s/status", pid);
	if (filter->uids.count && !search->uid && read_line(path, key, line))
		search->uid = holds(&filter->uids, strtoul(line + strlen(key), NULL, 10));
}

static bool see_processes(struct search *search)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	if (!directory)
		return false;
	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			see_process(search, entry->d_name);
	}
	(void)closedir(directory);
	return true;
}

static void warn(const char *option, const char *value, const char *what)
{
	message("warning: --%s %s: %s", option, value, what);
}

static void warn_of_tasks(const struct options *options)
{
	const struct filter *filter = &options->filter;
	struct search search = {.filter = filter};

	if (!filter->tgids.count && !filter->tids.count && !filter->uids.count &&
	    !filter->comms.count)
		return;
	if (!see_processes(&search))
		return;
	if (filter->tgids.count && !search.tgid)
		warn("tgid", options->texts[OPTIONS_TEXT_TGID],
		     "no such process now: one that gets this number is recorded");
	if (filter->tids.count && !search.tid)
		warn("tid", options->texts[OPTIONS_TEXT_TID],
		     "no such thread now: one that gets this number is recorded");
	if (filter->uids.count && !search.uid)
		warn("uid", options->texts[OPTIONS_TEXT_UID],
		     "no process of this user now: its later processes are recorded");
	for (uint32_t i = 0; i < filter->comms.count; i++) {
		if (!search.comms[i])
			warn("comm", filter->comms.names[i],
			     "no thread of this name now: later ones are recorded");
	}
}

static void warn_of_rules(const struct options *options)
{
	char path[PATH_BYTES], pid[16];

	for (size_t i = 0; i < options->section.rule_count; i++) {
		(void)snprintf(pid, sizeof(pid), "%" PRIu32, options->section.rules[i].pid);
		(void)snprintf(path, sizeof(path), "/proc/%s", pid);
		if (options->section.rules[i].pid != SECTION_RULE_EVERY && access(path, F_OK) != 0)
			warn("set-syscall", pid,
			     "no such process now: one that gets this number is recorded");
	}
}

static void warn_of_cpus(const struct options *options)
{
	struct id_list online = {0};
	char line[LINE_BYTES];
	bool found = false;

	if (!options->filter.cpus.count || !read_line("/sys/devices/system/cpu/online", "", line))
		return;
	line[strcspn(line, "\n")] = '\0';
	if (!id_list_parse(line, UINT32_MAX, &online))
		return;
	for (size_t i = 0; i < online.count; i++) {
		for (uint64_t cpu = online.ranges[i].first; cpu <= online.ranges[i].last; cpu++)
			found |= holds(&options->filter.cpus, cpu);
	}
	id_list_release(&online);
	if (!found)
		warn("cpu", options->texts[OPTIONS_TEXT_CPU],
		     "no such CPU is online: nothing is recorded until one is");
}

static int see_group(const char *path, const struct stat *status, int type, struct FTW *place)
{
	char procs[PATH_MAX], line[LINE_BYTES];

	(void)status;
	(void)place;
	if (type != FTW_D || snprintf(procs, sizeof(procs), "%s/cgroup.procs", path) >= PATH_MAX)
		return 0;
	return read_line(procs, "", line) ? GROUP_IS_USED : 0;
}

static void warn_of_group(const struct options *options)
{
	const char *text = options->texts[OPTIONS_TEXT_CGROUP];
	struct cgroup_filter group = {0};
	struct problem problem;

	if (text && cgroup_filter_resolve(text, &group, &problem) &&
	    nftw(group.directory, see_group, GROUP_FILES, FTW_PHYS | FTW_MOUNT) == 0)
		warn("cgroup", text, "no process in this group now: later ones are recorded");
}

void absent_warn(const struct options *options)
{
	if (options->quiet)
		return;
	warn_of_cpus(options);
	if (options->command && !options->all)
		return;
	warn_of_tasks(options);
	warn_of_rules(options);
	warn_of_group(options);
}
