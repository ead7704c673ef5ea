/* record/session/session_convert.c - the conversion of a session: from records of rings to rows */
#include "record/session/session_convert.h"

#include <errno.h>
#include <string.h>

#include "bpf/event.h"
#include "record/common/clock.h"
#include "record/privilege/privileges.h"
#include "record/probes/probe_programs.h"

#define SESSION_SECTION_BYTES (24u << 20)
#define SESSION_PENDING_BYTES (4u << 20)

bool session_convert_open_stacks(struct session_convert *convert, const struct options *options,
				 struct file_reader *reader, struct problem *ret_problem)
{
	const struct user_stacks_options stacks_options = {
		.cpu_percent = options->unwind_percent,
		/* All stacks of a section come at once, when it ends. */
		.held_bytes = options->events & OPTIONS_SECTION ? SESSION_SECTION_BYTES : 0,
		.begin_thread = privileges_drop_thread,
		.reader = reader,
	};
	enum symbols_status status;

	convert->reader = reader;
	if (options->user_stack_bytes == 0)
		return !reader || file_reader_start_thread(reader, privileges_drop_thread) ||
		       problem_set(ret_problem, "out of memory");
	status = user_stacks_open(&stacks_options, &convert->user_stacks);
	if (status == SYMBOLS_IO)
		return problem_set(
			ret_problem,
			"cannot record mmap events: %s: run as root, or with CAP_PERFMON "
			"and kernel.perf_event_paranoid below 3, or use --user-stack 0",
			strerror(errno));
	return status == SYMBOLS_OK || problem_set(ret_problem, "out of memory");
}

/* Each step of a section can have a name, and probes need the addresses of functions. */
static bool needs_all_symbols(const struct options *options, const struct probe_programs *probes)
{
	const struct probe_list *list = probes ? probe_programs_list(probes) : NULL;

	for (size_t i = 0; list && i < list->count; i++) {
		if (probe_form_is_kernel_function(list->probes[i].spec->form))
			return true;
	}
	return options->events & OPTIONS_SECTION;
}

/* If the kernel hides its symbols, stacks are recorded without names, which --check explains.
 * Returns false if there are symbols that cannot be read. */
static bool open_symbols(struct session_convert *convert, const struct options *options,
			 const struct programs *programs, struct problem *ret_problem)
{
	struct symbol_source source;
	enum symbols_status status;

	programs_print_symbols(programs, &source);
	source.is_verbose = options->verbose;
	status = kernel_symbols_open("/proc/kallsyms", &source, &convert->symbols);
	if (status == SYMBOLS_OK && needs_all_symbols(options, programs_probes(programs)))
		status = kernel_symbols_read(convert->symbols);
	if (status == SYMBOLS_NO_MEMORY)
		return problem_set(ret_problem, "cannot read /proc/kallsyms: out of memory");
	return status == SYMBOLS_OK ||
	       problem_set(ret_problem, "cannot read /proc/kallsyms: %s", strerror(errno));
}

bool session_convert_open(struct session_convert *convert, const struct options *options,
			  const struct programs *programs, struct size_limit *limit,
			  struct problem *ret_problem)
{
	const struct probe_programs *probes = programs_probes(programs);
	struct unwind_table_maps maps;

	if (!open_symbols(convert, options, programs, ret_problem))
		return false;
	convert->translator = translator_new(convert->symbols, convert->user_stacks);
	if (!convert->translator)
		return problem_set(ret_problem, "out of memory");
	translator_use_limit(convert->translator, limit);
	if ((probes && !translator_use_probes(convert->translator, probe_programs_list(probes))) ||
	    (options->command_lines &&
	     !translator_use_command_lines(convert->translator, convert->reader)))
		return problem_set(ret_problem, "out of memory");
	if (!convert->user_stacks && !options->command_lines)
		return true;
	if (convert->user_stacks && programs_unwind_maps(programs, &maps) &&
	    user_stacks_use_tables(convert->user_stacks, &maps) != SYMBOLS_OK)
		return problem_set(ret_problem, "out of memory");
	convert->pending = pending_events_new(convert->user_stacks, convert->translator,
					      SESSION_PENDING_BYTES);
	return convert->pending || problem_set(ret_problem, "out of memory");
}

bool session_convert_open_sections(struct session_convert *convert, const struct programs *programs,
				   struct problem *ret_problem)
{
	struct section_programs *sections = programs_sections(programs);

	if (!sections)
		return true;
	convert->sections = section_rows_new(sections, convert->translator, convert->symbols,
					     convert->user_stacks);
	return convert->sections || problem_set(ret_problem, "out of memory");
}

void session_convert_set_watch(struct session_convert *convert, translator_watch watch,
			       void *context)
{
	translator_set_watch(convert->translator, watch, context);
	convert->watch = watch;
	convert->watch_context = context;
}

static void show_section(const struct session_convert *convert, const struct event_header *record,
			 size_t size)
{
	const struct event_section *section = (const struct event_section *)record;

	if (convert->watch && record->kind == EVENT_SECTION && size >= sizeof(*section))
		convert->watch(convert->watch_context, record,
			       translator_cgroup(convert->translator, &section->task));
}

/* Who takes the records of a kind: the column `route` of bpf/event_kinds.h. */
enum route {
	ROUTE_ROW,
	ROUTE_LEARN,
	ROUTE_USER_STACK,
	ROUTE_SECTION,
};

static enum route route_of(const void *record, size_t size)
{
#define ROUTE(NAME, name, route, row, loss, stack, scratch) [EVENT_##NAME] = ROUTE_##route,
	static const enum route routes[EVENT_KIND_COUNT] = {EVENT_KINDS(ROUTE)};
#undef ROUTE
	const struct event_header *header = record;

	/* The translator counts records of an unknown kind. */
	if (size < sizeof(*header) || header->kind >= EVENT_KIND_COUNT)
		return ROUTE_ROW;
	return routes[header->kind];
}

/* Records with the routes ROW and LEARN leave the queue in the order in which they came. */
bool session_convert_take(void *context, const void *record, size_t size)
{
	struct session_convert *convert = context;
	const struct event_header *header = record;
	enum route route = route_of(record, size);

	convert->status = DZ_OK;
	if (route == ROUTE_SECTION && convert->sections) {
		show_section(convert, header, size);
		convert->status = section_rows_take(convert->sections, record, size);
	} else if (!convert->pending)
		convert->status = translator_add(convert->translator, record, size);
	else if (route != ROUTE_USER_STACK ||
		 !user_stacks_take(convert->user_stacks, record, size,
				   clock_boottime_ns() + USER_STACKS_WAIT_NS))
		convert->status = pending_events_add(convert->pending, record, size);
	return convert->status == DZ_OK;
}

enum dz_status session_convert_release(struct session_convert *convert, uint64_t now_ns)
{
	if (convert->user_stacks)
		user_stacks_poll(convert->user_stacks);
	convert->status = DZ_OK;
	if (convert->sections)
		convert->status = section_rows_release(convert->sections, now_ns);
	if (convert->status == DZ_OK && convert->pending)
		convert->status = pending_events_release(convert->pending, now_ns);
	return convert->status;
}

bool session_convert_is_waiting(const struct session_convert *convert)
{
	return (convert->pending && !pending_events_is_empty(convert->pending)) ||
	       (convert->sections && section_rows_are_waiting(convert->sections));
}

void session_convert_close(struct session_convert *convert)
{
	section_rows_free(convert->sections);
	pending_events_free(convert->pending);
	/* Before what its tasks use. */
	if (convert->reader)
		file_reader_stop_thread(convert->reader);
	translator_free(convert->translator);
	user_stacks_close(convert->user_stacks);
	kernel_symbols_free(convert->symbols);
}
