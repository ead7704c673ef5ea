/* record/probes/probe_links.c - attaches programs to functions, tracepoints and USDT probes */
#include "record/probes/probe_links.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "diag.skel.h"
#include "record/common/clock.h"
#include "record/common/message.h"
#include "record/probes/uprobe_multi.h"

/* How the functions of one form are attached: all at once, or one by one. */
struct probe_way {
	enum probe_form form;
	struct bpf_program *single;
	struct bpf_program *multi;
	bool at_return;
	bool reports_misses; /* misses of these links are misses of the probe */
};

static const char *reason_of(int error)
{
	switch (error) {
	case ENOENT:
	case ESRCH:
		return "no such function";
	case EINVAL:
	case EADDRNOTAVAIL:
		return "cannot be probed: inlined, not traceable, or on the kernel's "
		       "blacklist";
	case EILSEQ:
		return "not at the start of an instruction";
	default:
		return strerror(error);
	}
}

static void fail(struct probe_list *list, size_t index, int error)
{
	const char *hint = list->probes[index].hint;
	char why[512];

	(void)snprintf(why, sizeof(why), "%s%s%s", reason_of(error), hint ? ": did you mean " : "",
		       hint ? hint : "");
	probe_list_fail(list, index, why);
}

static bool is_for(const struct probe *probe, const struct probe_way *way, bool all_at_once)
{
	bool fits = probe->is_listed && probe->spec->offset == 0 && !probe->spec->module[0];

	return probe->spec->form == way->form && !probe->failure && fits == all_at_once;
}

/* Adds the last link to those that report misses. */
static void add_reporting_link(struct probe_links *links, bool at_once)
{
	struct reporting_link *grown =
		array_grow(links->reporting, &links->reporting_capacity, links->reporting_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);

	links->misses_unknown |= !grown;
	if (!grown)
		return;
	links->reporting = grown;
	links->reporting[links->reporting_count++] = (struct reporting_link){
		.fd = bpf_link__fd(links->links.items[links->links.count - 1]),
		.at_once = at_once,
	};
}

/* All listed functions of a form in one link. */
static bool attach_at_once(struct probe_links *links, const struct probe_way *way)
{
	const char **names = calloc(links->list->count, sizeof(*names));
	__u64 *cookies = calloc(links->list->count, sizeof(*cookies));
	LIBBPF_OPTS(bpf_kprobe_multi_opts, options, .syms = names, .cookies = cookies,
		    .retprobe = way->at_return);
	bool attached = true;

	for (size_t i = 0; names && cookies && i < links->list->count; i++) {
		if (!is_for(&links->list->probes[i], way, true))
			continue;
		cookies[options.cnt] = i;
		names[options.cnt++] = links->list->probes[i].place;
	}
	if (options.cnt)
		attached = bpf_program__fd(way->multi) >= 0 &&
			   links_add(&links->links, bpf_program__attach_kprobe_multi_opts(
							    way->multi, NULL, &options));
	if (options.cnt && attached && way->reports_misses)
		add_reporting_link(links, true);
	free(names);
	free(cookies);
	return attached;
}

/* Such an error will not go away with the next probe. */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static bool is_interrupted(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

/* Returns whether to attach the next probe. `error`: 0 or the errno of probe `index`. Attaching
 * hundreds of functions takes seconds, so signals must be able to end it. */
static bool can_continue(const struct probe_links *links, size_t index, int error,
			 struct problem *ret_problem)
{
	if (is_shortage(error))
		return problem_set(ret_problem, "%s: %s: number %zu of %zu probes: record fewer%s",
				   links->list->probes[index].name, strerror(error), index + 1,
				   links->list->count,
				   error == ENOMEM ? "" : ", or raise the limit (ulimit -n)");
	return !is_interrupted() ||
	       problem_set(ret_problem,
			   "interrupted before all probes were attached: nothing was recorded");
}

/* Returns 0 or an errno. */
static int attach_one(struct probe_links *links, const struct probe_way *way, size_t index)
{
	const struct probe *probe = &links->list->probes[index];
	LIBBPF_OPTS(bpf_kprobe_opts, options, .bpf_cookie = index, .offset = probe->spec->offset,
		    .retprobe = way->at_return);
	char name[512];
	const char *place = name;

	(void)snprintf(name, sizeof(name), "%s%s%s", probe->spec->module,
		       probe->spec->module[0] ? ":" : "", probe->place);
	/* Before Linux 6.2 the kernel searches all of its symbols for a name, which takes some
	 * milliseconds. Without a name the offset is the address. */
	if (probe->address && probe->is_listed) {
		place = NULL;
		options.offset += probe->address;
	}
	if (!links_add(&links->links,
		       bpf_program__attach_kprobe_opts(way->single, place, &options)))
		return errno;
	if (way->reports_misses)
		add_reporting_link(links, false);
	return 0;
}

static bool attach_form(struct probe_links *links, const struct probe_way *way,
			struct problem *ret_problem)
{
	bool at_once = attach_at_once(links, way);

	for (size_t i = 0; i < links->list->count; i++) {
		const struct probe *probe = &links->list->probes[i];
		int error;

		if (!is_for(probe, way, false) && (at_once || !is_for(probe, way, true)))
			continue;
		error = attach_one(links, way, i);
		if (!can_continue(links, i, error, ret_problem))
			return false;
		if (error)
			fail(links->list, i, error);
	}
	return true;
}

static bool attach_tracepoints(struct probe_links *links, struct problem *ret_problem)
{
	for (size_t i = 0; i < links->list->count; i++) {
		const struct probe *probe = &links->list->probes[i];
		LIBBPF_OPTS(bpf_tracepoint_opts, options, .bpf_cookie = i);
		int error = 0;

		if (probe->spec->form != PROBE_TRACEPOINT || probe->failure)
			continue;
		if (!links_add(&links->links,
			       bpf_program__attach_tracepoint_opts(
				       links->skeleton->progs.probe_on_tracepoint,
				       probe->spec->module,
				       probe->place + strlen(probe->spec->module) + 1, &options)))
			error = errno;
		if (!can_continue(links, i, error, ret_problem))
			return false;
		if (error)
			probe_list_fail(links->list, i, strerror(error));
	}
	return true;
}

static const char *user_reason_of(int error)
{
	switch (error) {
	case EINVAL:
		return "cannot be probed: not at the start of an instruction, or one that the "
		       "kernel does not handle";
	case ENOEXEC:
	case EIO:
		return "not a file whose code can be probed";
	default:
		return strerror(error);
	}
}

/* Returns 0 or an errno. */
static int attach_one_user(struct probe_links *links, const struct probe_way *way, size_t index)
{
	const struct probe *probe = &links->list->probes[index];
	LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = index, .retprobe = way->at_return);

	return links_add(&links->links,
			 bpf_program__attach_uprobe_opts(way->single, links->user_pid, probe->file,
							 probe->file_offset, &options))
		       ? 0
		       : errno;
}

/* Returns 0 or an errno. libbpf finds all places of the probe, and the kernel raises its semaphore.
 */
static int attach_one_usdt(struct probe_links *links, const struct probe_way *way, size_t index)
{
	const struct probe *probe = &links->list->probes[index];
	LIBBPF_OPTS(bpf_usdt_opts, options, .usdt_cookie = index);
	char *provider = strdup(probe->place + strlen(probe->spec->module) + 1), *name;
	int error = provider ? 0 : ENOMEM;

	name = provider ? strchr(provider, ':') : NULL;
	if (name) {
		*name++ = '\0';
		if (!links_add(&links->links,
			       bpf_program__attach_usdt(way->single, links->user_pid, probe->file,
							provider, name, &options)))
			error = errno;
	}
	free(provider);
	return error;
}

static bool is_of_file(const struct probe *probe, const struct probe_way *way, const char *file)
{
	return probe->spec->form == way->form && !probe->failure && strcmp(probe->file, file) == 0;
}

/* Attaches all probes of one file with one link, if there are several. */
static bool attach_file_at_once(struct probe_links *links, const struct probe_way *way,
				const char *file)
{
	uint64_t *offsets = calloc(links->list->count, sizeof(*offsets));
	uint64_t *cookies = calloc(links->list->count, sizeof(*cookies));
	struct uprobe_multi places = {file, offsets, cookies, 0, way->at_return};
	int *fds = array_grow(links->user_fds, &links->user_fd_capacity, links->user_fd_count + 1,
			      sizeof(*fds), ARRAY_NO_LIMIT);
	int fd = -1;

	for (size_t i = 0; offsets && cookies && i < links->list->count; i++) {
		if (!is_of_file(&links->list->probes[i], way, file))
			continue;
		cookies[places.count] = i;
		offsets[places.count++] = links->list->probes[i].file_offset;
	}
	if (fds)
		links->user_fds = fds;
	if (fds && places.count > 1)
		fd = uprobe_multi_attach(way->multi, &places);
	if (fd >= 0)
		links->user_fds[links->user_fd_count++] = fd;
	free(offsets);
	free(cookies);
	return fd >= 0;
}

/* Returns whether the probe is in a link to several functions, which the first probe of each file
 * makes. Those of other files, or all if the kernel refuses one of them, are attached one by one,
 * which names the one that is refused. */
static bool is_attached_at_once(struct probe_links *links, const struct probe_way *way,
				const char **files, size_t index)
{
	const char *file = links->list->probes[index].file;

	if (!way->multi || bpf_program__fd(way->multi) < 0 || !files)
		return false;
	for (size_t i = 0; i < index; i++) {
		if (is_of_file(&links->list->probes[i], way, file)) {
			files[index] = files[i];
			return files[i] != NULL;
		}
	}
	files[index] = attach_file_at_once(links, way, file) ? file : NULL;
	return files[index] != NULL;
}

static bool attach_user_form(struct probe_links *links, const struct probe_way *way,
			     struct problem *ret_problem)
{
	/* By probe: its file, if it is attached with others of it. */
	const char **files = calloc(links->list->count, sizeof(*files));
	bool goes_on = true;

	for (size_t i = 0; i < links->list->count && goes_on; i++) {
		const struct probe *probe = &links->list->probes[i];
		int error;

		if (probe->spec->form != way->form || probe->failure ||
		    is_attached_at_once(links, way, files, i))
			continue;
		error = way->form == PROBE_USDT ? attach_one_usdt(links, way, i)
						: attach_one_user(links, way, i);
		goes_on = can_continue(links, i, error, ret_problem);
		if (error && goes_on)
			probe_list_fail(links->list, i, user_reason_of(error));
	}
	free(files);
	return goes_on;
}

static bool attach_user(struct probe_links *links, struct problem *ret_problem)
{
	const struct diag_bpf *skeleton = links->skeleton;
	/* Returns before calls, as for functions of the kernel. */
	const struct probe_way ways[] = {
		{PROBE_UPROBE, skeleton->progs.probe_on_uprobe,
		 skeleton->progs.probe_on_uprobe_multi, false, false},
		{PROBE_URETPROBE, skeleton->progs.probe_on_uretprobe,
		 skeleton->progs.probe_on_uretprobe_multi, true, false},
		{PROBE_URETPROBE, skeleton->progs.probe_on_uretprobe_call,
		 skeleton->progs.probe_on_uretprobe_call_multi, false, false},
		{PROBE_USDT, skeleton->progs.probe_on_usdt, NULL, false, false},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!attach_user_form(links, &ways[i], ret_problem))
			return false;
	}
	return true;
}

/* Prints every failure. Returns true if at least one probe is attached. */
static bool report_failures(const struct probe_links *links, struct problem *ret_problem)
{
	const struct probe_list *list = links->list;
	const struct probe *last = NULL;

	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].failure)
			last = &list->probes[i];
	}
	if (list->count == 0 || list->failure_count == list->count)
		return problem_set(ret_problem, "%s: %s", last ? last->name : "probes",
				   last ? last->failure : "none found");
	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].failure)
			message("warning: %s: not recorded: %s", list->probes[i].name,
				list->probes[i].failure);
	}
	return true;
}

bool probe_links_attach(struct probe_links *links, struct problem *ret_problem)
{
	const struct diag_bpf *skeleton = links->skeleton;
	/* Returns are attached before calls: if a call is missed, its return is counted as missed.
	 */
	const struct probe_way ways[] = {
		{PROBE_KPROBE, skeleton->progs.probe_on_kprobe,
		 skeleton->progs.probe_on_kprobe_multi, false, true},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe,
		 skeleton->progs.probe_on_kretprobe_multi, true, true},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe_call,
		 skeleton->progs.probe_on_kretprobe_call_multi, false, false},
	};
	const uint64_t begin_ns = clock_boottime_ns();

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (probe_list_has_form(links->list, ways[i].form) &&
		    !attach_form(links, &ways[i], ret_problem))
			return false;
	}
	if (!attach_tracepoints(links, ret_problem) || !attach_user(links, ret_problem))
		return false;
	links->attach_ns = clock_boottime_ns() - begin_ns;
	return report_failures(links, ret_problem);
}

size_t probe_links_count(const struct probe_links *links)
{
	return links->links.count + links->user_fd_count;
}

void probe_links_release(struct probe_links *links)
{
	while (links->user_fd_count)
		(void)close(links->user_fds[--links->user_fd_count]);
	free(links->user_fds);
	links->user_fds = NULL;
	links->user_fd_capacity = 0;
	links_release(&links->links);
	free(links->reporting);
	links->reporting = NULL;
	links->reporting_count = links->reporting_capacity = 0;
}
