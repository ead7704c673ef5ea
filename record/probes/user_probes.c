/* record/probes/user_probes.c - finds the functions and USDT probes of user programs */
#include "record/probes/user_probes.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/probes/usdt_notes.h"
#include "record/probes/user_arguments.h"
#include "record/probes/user_file.h"
#include "record/probes/user_symbols.h"
#include "record/probes/user_types.h"
#include "text/similar_names.h"

#define WHY_MAX       512u
#define ADDRESSES_MAX 4u /* that a message names */

struct search {
	const struct probe_spec *spec;
	struct probe_list *list;
	const char *path; /* of the file */
	int fd;
	struct similar_names similar;
};

static void fail_last(struct search *search, const char *why)
{
	probe_list_fail(search->list, search->list->count - 1, why);
}

/* Adds FILE:NAME, with the file as it was typed. Returns NULL if it cannot. */
static struct probe *add(struct search *search, const char *name)
{
	struct probe *probe;
	char *place;

	if (asprintf(&place, "%s:%s", search->spec->module, name) < 0)
		return NULL;
	probe = probe_list_add(search->list, search->spec, place);
	free(place);
	if (!probe)
		return NULL;
	probe->file = strdup(search->path);
	probe->result = (struct probe_field){.form = PROBE_FIELD_SIGNED, .size_bytes = 8};
	return probe->file ? probe : NULL;
}

static bool add_failed(struct search *search, const char *name, const char *why)
{
	if (!add(search, name))
		return false;
	fail_last(search, why);
	return true;
}

/* Adds one that the file does not have, with the similar names. */
static bool add_unknown(struct search *search, const char *name, const char *what)
{
	char *place;

	if (asprintf(&place, "%s:%s", search->spec->module, name) < 0)
		return false;
	probe_list_add_unknown(search->list, search->spec, place, what, &search->similar);
	free(place);
	return true;
}

static bool add_function(struct search *search, const struct user_symbol *symbol, const char *name)
{
	const struct probe_spec *spec = search->spec;
	struct probe *probe = add(search, name);
	const char *what = NULL;

	if (!probe)
		return false;
	probe->address = symbol->address;
	probe->file_offset = symbol->file_offset + spec->offset;
	probe->with_fields = spec->with_arguments;
	if (symbol->is_indirect)
		what = "chooses a function when the program starts: probe the function that it "
		       "chooses";
	else if (spec->offset && spec->offset >= symbol->size_bytes)
		what = "the offset is behind the function";
	if (what)
		fail_last(search, what);
	return true;
}

/* Functions of several source files can have the same name. */
static bool add_ambiguous(struct search *search, const struct user_symbol *symbols, size_t count)
{
	char why[WHY_MAX];
	int used = snprintf(why, sizeof(why),
			    "%zu functions have this name: use uprobe:%.200s:0x%" PRIx64, count,
			    search->spec->module, symbols[0].address);

	for (size_t i = 1; i < count && i < ADDRESSES_MAX && used > 0 && (size_t)used < sizeof(why);
	     i++)
		used += snprintf(why + used, sizeof(why) - (size_t)used, ", 0x%" PRIx64,
				 symbols[i].address);
	return add_failed(search, symbols[0].name, why);
}

static bool add_one_function(struct search *search, const struct user_symbols *symbols)
{
	const char *name = search->spec->pattern;
	const struct user_symbol *symbol;
	size_t count;

	symbol = user_symbols_find(symbols, name, &count);
	if (count > 1)
		return add_ambiguous(search, symbol, count);
	if (symbol)
		return add_function(search, symbol, name);
	for (size_t i = 0; i < symbols->count; i++)
		similar_names_offer(&search->similar, symbols->symbols[i].name);
	return add_unknown(search, name,
			   symbols->count ? "no such function, or it was inlined"
					  : "the file has no symbols: use uprobe:FILE:0xADDRESS");
}

static int compare_addresses(const void *left, const void *right)
{
	const struct user_symbol *const *a = left, *const *b = right;

	if ((*a)->address != (*b)->address)
		return (*a)->address < (*b)->address ? -1 : 1;
	return strcmp((*a)->name, (*b)->name);
}

/* Adds each function once, under its first name. One whose name another one has is distinguished by
 * its address. */
static bool add_functions(struct search *search, const struct user_symbol **found, size_t count)
{
	const struct user_symbol *last = NULL;
	bool fits = true;
	char *name;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	qsort(found, count, sizeof(*found), compare_addresses);
	for (size_t i = 0; i < count && fits; i++) {
		if (last && last->address == found[i]->address)
			continue;
		last = found[i];
		if (last->rank == USER_SYMBOL_GLOBAL) {
			fits = add_function(search, last, last->name);
			continue;
		}
		fits = asprintf(&name, "%s@0x%" PRIx64, last->name, last->address) >= 0;
		if (!fits)
			break;
		fits = add_function(search, last, name);
		free(name);
	}
	return fits;
}

static bool add_matching_functions(struct search *search, const struct user_symbols *symbols)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const struct user_symbol **found = calloc(symbols->count + 1, sizeof(*found));
	size_t count = 0;
	bool fits;

	if (!found)
		return false;
	for (size_t i = 0; i < symbols->count; i++) {
		const struct user_symbol *symbol = &symbols->symbols[i];

		if (!symbol->is_indirect && fnmatch(search->spec->pattern, symbol->name, 0) == 0)
			found[count++] = symbol;
	}
	fits = count ? add_functions(search, found, count)
		     : add_failed(search, search->spec->pattern, "no function matches");
	free(found);
	return fits;
}

/* Returns false if there are too many, or on allocation failure. */
static bool expand_functions(struct search *search)
{
	struct user_symbols symbols;
	struct problem why;
	bool fits;

	if (!user_symbols_read(search->fd, &symbols, &why))
		return add_failed(search, search->spec->pattern, why.text);
	fits = probe_has_wildcard(search->spec->pattern) ? add_matching_functions(search, &symbols)
							 : add_one_function(search, &symbols);
	user_symbols_release(&symbols);
	return fits;
}

static bool expand_address(struct search *search)
{
	struct user_symbol symbol = {.address = strtoull(search->spec->pattern, NULL, 16)};

	if (!user_symbols_code_at(search->fd, symbol.address, &symbol.file_offset))
		return add_failed(search, search->spec->pattern, "no code at this address");
	symbol.size_bytes = UINT64_MAX;
	return add_function(search, &symbol, search->spec->pattern);
}

static bool add_usdt(struct search *search, const struct usdt_note *note)
{
	const char *what = NULL;
	struct probe *probe;
	char *name;

	if (asprintf(&name, "%s:%s", note->provider, note->name) < 0)
		return false;
	probe = add(search, name);
	free(name);
	if (!probe)
		return false;
	if (!user_arguments_of_note(search->spec, note->arguments, &probe->fields, &what))
		fail_last(search, what);
	probe->with_fields = probe->fields.count > 0;
	return true;
}

static bool add_matching_usdt(struct search *search, const struct usdt_notes *notes,
			      size_t *ret_found)
{
	const struct usdt_note *last = NULL;
	bool fits = true;

	*ret_found = 0;
	for (size_t i = 0; i < notes->count && fits; i++) {
		const struct usdt_note *note = &notes->notes[i];

		if (last && strcmp(last->provider, note->provider) == 0 &&
		    strcmp(last->name, note->name) == 0)
			continue;
		last = note;
		similar_names_offer(&search->similar, note->name);
		if (fnmatch(search->spec->provider, note->provider, 0) != 0 ||
		    fnmatch(search->spec->pattern, note->name, 0) != 0)
			continue;
		(*ret_found)++;
		fits = add_usdt(search, note);
	}
	return fits;
}

/* As expand_functions(). */
static bool expand_usdt(struct search *search)
{
	struct usdt_notes notes;
	struct problem why;
	size_t found;
	bool fits;

	if (!usdt_notes_read(search->fd, &notes, &why))
		return add_failed(search, search->spec->pattern, why.text);
	fits = add_matching_usdt(search, &notes, &found);
	if (fits && !found)
		fits = add_unknown(search, search->spec->pattern,
				   notes.count ? "no such USDT probe"
					       : "the file has no USDT probes");
	usdt_notes_release(&notes);
	return fits;
}

static bool expand(struct search *search)
{
	if (search->spec->form == PROBE_USDT)
		return expand_usdt(search);
	return search->spec->is_address ? expand_address(search) : expand_functions(search);
}

bool user_probes_expand(const struct probe_spec *spec, struct probe_list *list,
			struct problem *ret_problem)
{
	char path[PATH_MAX];
	struct search search = {.spec = spec, .list = list, .path = path};
	size_t first;
	bool fits;

	similar_names_begin(&search.similar, spec->pattern);
	if (!user_file_find(spec->module, path, ret_problem))
		return false;
	first = list->count;
	search.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (search.fd < 0)
		return problem_set(ret_problem, "%s: cannot open: %s", path, strerror(errno));
	fits = expand(&search);
	if (fits && spec->form != PROBE_USDT)
		user_types_describe(list, first, path, search.fd);
	(void)close(search.fd);
	return fits || problem_set(ret_problem, "%s: more than %d probes: use a narrower pattern",
				   spec->text, PROBES_MAX);
}
