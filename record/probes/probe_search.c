/* record/probes/probe_search.c - finds all functions, tracepoints and USDT probes of -e */
#include "record/probes/probe_search.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/kernel/tracefs.h"
#include "record/probes/function_arguments.h"
#include "record/probes/function_names.h"
#include "record/probes/tracepoint_format.h"
#include "record/probes/user_probes.h"
#include "text/similar_names.h"

#define PROBE_LINE_MAX 512

struct search {
	const struct probe_spec *spec;
	struct probe_list *list;
	struct similar_names similar;
	size_t found;
	const struct function_names *functions; /* NULL: cannot be read */
	struct problem no_tracefs;              /* why tracefs cannot be read */
};

/* As probe_list_add(). */
static struct probe *add(struct search *search, const char *place)
{
	struct probe *probe = probe_list_add(search->list, search->spec, place);

	search->found += probe != NULL;
	return probe;
}

/* Several functions can have the same name; the kernel refuses to attach to it. */
static bool is_known(const struct search *search, const char *name)
{
	for (size_t i = search->list->count - search->found; i < search->list->count; i++) {
		if (strcmp(search->list->probes[i].place, name) == 0)
			return true;
	}
	return false;
}

static bool add_listed(struct search *search, const char *name)
{
	struct probe *probe = add(search, name);

	if (probe)
		probe->is_listed = true;
	return probe != NULL;
}

static bool module_fits(const struct search *search, const struct function_name *function)
{
	const char *module = search->spec->module;

	return !module[0] || strcmp(module, function->module) == 0;
}

/* Returns false on allocation failure, and if there are too many. */
static bool match_functions(struct search *search)
{
	bool fits = true;

	for (size_t i = 0; i < function_names_count(search->functions) && fits; i++) {
		const struct function_name function = function_names_at(search->functions, i);

		if (module_fits(search, &function) &&
		    fnmatch(search->spec->pattern, function.name, 0) == 0 &&
		    !is_known(search, function.name))
			fits = add_listed(search, function.name);
	}
	return fits;
}

/* Compares with every function, which is slow: only for a name that does not exist. */
static void offer_functions(struct search *search)
{
	for (size_t i = 0; i < function_names_count(search->functions); i++) {
		const struct function_name function = function_names_at(search->functions, i);

		if (module_fits(search, &function))
			similar_names_offer(&search->similar, function.name);
	}
}

static bool find_functions(struct search *search, struct problem *ret_problem)
{
	const char *pattern = search->spec->pattern;
	bool is_plain = !probe_has_wildcard(pattern) && !search->spec->module[0];
	bool fits = true;

	if (!search->functions)
		return true;
	if (!is_plain)
		fits = match_functions(search);
	else if (function_names_has(search->functions, pattern))
		fits = add_listed(search, pattern);
	if (!fits)
		return problem_set(ret_problem, "%s: more than %d probes: use a narrower pattern",
				   search->spec->text, PROBES_MAX);
	if (!search->found)
		offer_functions(search);
	return true;
}

static struct function_names *read_functions(void)
{
	struct problem unused;
	const char *tracefs = tracefs_find(&unused);
	char path[PATH_MAX];

	if (!tracefs)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/available_filter_functions", tracefs);
	return function_names_read(path);
}

static void fail_unknown(struct search *search, const char *what)
{
	probe_list_add_unknown(search->list, search->spec, search->spec->pattern, what,
			       &search->similar);
}

/* A single kprobe can also be attached to a function that the kernel does not list. */
static bool expand_unlisted(struct search *search)
{
	char names[SIMILAR_NAMES_TEXT_MAX];
	struct probe *probe = add(search, search->spec->pattern);

	similar_names_text(&search->similar, names);
	if (probe && names[0])
		probe->hint = strdup(names);
	return probe != NULL;
}

static bool expand_function(struct search *search, const char *tracefs, struct problem *ret_problem)
{
	if (!find_functions(search, ret_problem))
		return false;
	if (search->found)
		return true;
	if (!tracefs && probe_has_wildcard(search->spec->pattern))
		return problem_set(ret_problem, "%s: cannot find functions: %s", search->spec->text,
				   search->no_tracefs.text);
	if (probe_has_wildcard(search->spec->pattern))
		fail_unknown(search, "no traceable function matches");
	else if (!expand_unlisted(search))
		return problem_set(ret_problem, "out of memory");
	return true;
}

static bool take_tracepoint(struct search *search, const char *tracefs, const char *name)
{
	const struct probe_spec *spec = search->spec;
	char path[PATH_MAX], place[PROBE_LINE_MAX];
	struct probe *probe;
	int format;

	if (fnmatch(spec->pattern, name, 0) != 0) {
		similar_names_offer(&search->similar, name);
		return true;
	}
	(void)snprintf(path, sizeof(path), "%s/events/%s/%s/format", tracefs, spec->module, name);
	(void)snprintf(place, sizeof(place), "%s:%s", spec->module, name);
	format = open(path, O_RDONLY | O_CLOEXEC);
	if (format < 0)
		return true;
	probe = add(search, place);
	if (probe) {
		tracepoint_format_read(format, &probe->fields);
		tracepoint_format_add_path(spec->module, name, &probe->fields);
		probe->with_fields = probe->fields.count > 0;
	}
	(void)close(format);
	return probe != NULL;
}

static bool expand_tracepoint(struct search *search, const char *tracefs,
			      struct problem *ret_problem)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;
	bool fits = true;

	if (!tracefs)
		return problem_set(ret_problem, "%s: cannot find tracepoints: %s",
				   search->spec->text, search->no_tracefs.text);
	(void)snprintf(path, sizeof(path), "%s/events/%s", tracefs, search->spec->module);
	directory = opendir(path);
	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while (directory && fits && (entry = readdir(directory)))
		fits = take_tracepoint(search, tracefs, entry->d_name);
	if (directory)
		(void)closedir(directory);
	if (!search->found)
		fail_unknown(search, "no such tracepoint");
	return fits || problem_set(ret_problem, "%s: more than %d probes: use a narrower pattern",
				   search->spec->text, PROBES_MAX);
}

static void describe_function(struct probe_list *list, size_t index, const struct btf *btf)
{
	struct probe *probe = &list->probes[index];
	const char *what;

	if (probe->spec->form == PROBE_KRETPROBE)
		function_result_find(btf, probe->place, &probe->result);
	if (!probe->spec->with_arguments)
		return;
	probe->with_fields =
		function_arguments_find(btf, probe->place, probe->spec, &probe->fields, &what);
	if (!probe->with_fields)
		probe_list_fail(list, index, what);
}

static void describe_functions(struct probe_list *list)
{
	struct btf *btf = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct probe *probe = &list->probes[i];
		bool needs_types =
			probe->spec->with_arguments || probe->spec->form == PROBE_KRETPROBE;

		if (!needs_types || probe->failure || probe_form_is_user(probe->spec->form))
			continue;
		if (!btf)
			btf = btf__load_vmlinux_btf();
		describe_function(list, i, btf);
	}
	btf__free(btf);
}

static bool expand(const struct probe_spec *spec, const struct function_names *functions,
		   struct probe_list *list, struct problem *ret_problem)
{
	struct search search = {.spec = spec, .list = list, .functions = functions};
	const char *tracefs = tracefs_find(&search.no_tracefs);

	if (probe_form_is_user(spec->form))
		return user_probes_expand(spec, list, ret_problem);
	similar_names_begin(&search.similar, spec->pattern);
	return spec->form == PROBE_TRACEPOINT ? expand_tracepoint(&search, tracefs, ret_problem)
					      : expand_function(&search, tracefs, ret_problem);
}

bool probe_search_open(const struct probe_options *options, struct probe_list *ret_list,
		       struct problem *ret_problem)
{
	struct function_names *functions = NULL;
	bool expanded = true;

	*ret_list = (struct probe_list){0};
	for (size_t i = 0; i < options->spec_count && expanded; i++) {
		if (probe_form_is_kernel_function(options->specs[i].form) && !functions)
			functions = read_functions();
		expanded = expand(&options->specs[i], functions, ret_list, ret_problem);
	}
	function_names_free(functions);
	if (expanded)
		describe_functions(ret_list);
	else
		probe_list_release(ret_list);
	return expanded;
}
