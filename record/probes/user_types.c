/* record/probes/user_types.c - types of arguments and results, by debug information */
#include "record/probes/user_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/common/message.h"
#include "record/probes/user_arguments.h"
#include "symbols/debug_arguments.h"
#include "symbols/debug_file.h"
#include "symbols/dwarf_child.h"
#include "symbols/elf_image.h"

#define DEBUG_DIRECTORY "/usr/lib/debug"
#define PROTOTYPE_MAX   512u
#define WHY_MAX         256u
#define REGISTER_BYTES  8u
#define NO_DEBUG_FILE   (-1)

/* The files that describe one of user programs. */
struct described {
	int debug_fd; /* NO_DEBUG_FILE: none */
	int alternate_fd;
	bool is_own; /* debug_fd is that of the caller */
};

static enum symbols_status open_debug_file(void *context, const uint8_t *build_id,
					   size_t build_id_bytes, int *ret_fd)
{
	(void)context;
	return debug_file_open(DEBUG_DIRECTORY, build_id, build_id_bytes, ret_fd);
}

static struct described open_described(int fd)
{
	struct described files = {.debug_fd = fd, .alternate_fd = NO_DEBUG_FILE, .is_own = true};
	struct elf_image image;

	if (!debug_arguments_are_in(fd)) {
		files = (struct described){NO_DEBUG_FILE, NO_DEBUG_FILE, false};
		if (elf_image_open(fd, &image) != SYMBOLS_OK)
			return files;
		if (image.build_id_bytes == 0 ||
		    open_debug_file(NULL, image.build_id, image.build_id_bytes, &files.debug_fd) !=
			    SYMBOLS_OK)
			files.debug_fd = NO_DEBUG_FILE;
		elf_image_release(&image);
	}
	if (files.debug_fd >= 0)
		files.alternate_fd = dwarf_alternate_open(files.debug_fd, open_debug_file, NULL);
	return files;
}

static void close_described(const struct described *files)
{
	if (files->alternate_fd >= 0)
		(void)close(files->alternate_fd);
	if (files->debug_fd >= 0 && !files->is_own)
		(void)close(files->debug_fd);
}

/* The value of a result is its register, of which only some bytes are part of it. */
static struct probe_field result_of(const struct debug_argument *result)
{
	static const enum probe_field_form forms[DEBUG_ARGUMENT_FORMS] = {
		[DEBUG_ARGUMENT_UNSIGNED] = PROBE_FIELD_UNSIGNED,
		[DEBUG_ARGUMENT_SIGNED] = PROBE_FIELD_SIGNED,
		[DEBUG_ARGUMENT_BOOLEAN] = PROBE_FIELD_BOOLEAN,
		[DEBUG_ARGUMENT_POINTER] = PROBE_FIELD_SIGNED,
		[DEBUG_ARGUMENT_STRING] = PROBE_FIELD_SIGNED,
		[DEBUG_ARGUMENT_OPAQUE] = PROBE_FIELD_OPAQUE,
	};
	struct probe_field field = {.form = forms[result->form], .size_bytes = REGISTER_BYTES};

	if (result->size_bytes > 0 && result->size_bytes < REGISTER_BYTES)
		field.size_bytes = result->size_bytes;
	else if (field.form == PROBE_FIELD_UNSIGNED)
		field.form = PROBE_FIELD_SIGNED;
	return field;
}

/* Writes what the file says of a function, such as "int f(const char *text)". */
static char *prototype_of(const struct debug_argument *all, size_t count)
{
	char *text = malloc(PROTOTYPE_MAX);
	size_t used = 0;

	if (!text)
		return NULL;
	for (size_t i = 0; i < count && used < PROTOTYPE_MAX; i++) {
		const char *type = all[i].type;
		bool is_joined = type[0] && strchr("*&", type[strlen(type) - 1]);
		int added = snprintf(
			text + used, PROTOTYPE_MAX - used, "%s%s%s%s%s", i > 1 ? ", " : "", type,
			is_joined || !all[i].name[0] ? "" : " ", all[i].name, i == 0 ? "(" : "");

		used += added > 0 ? (size_t)added : 0;
	}
	if (used < PROTOTYPE_MAX)
		(void)snprintf(text + used, PROTOTYPE_MAX - used, "%s)", count == 1 ? "void" : "");
	return text;
}

static void fail_unknown_argument(struct probe_list *list, size_t index,
				  const struct debug_argument *arguments, size_t count)
{
	char why[WHY_MAX] = "no argument of that name: use";
	size_t used = strlen(why);

	for (size_t i = 0; i < count && used < sizeof(why); i++)
		used += (size_t)snprintf(why + used, sizeof(why) - used, "%s %s", i ? "," : "",
					 arguments[i].name);
	if (used < sizeof(why))
		(void)snprintf(why + used, sizeof(why) - used, "%s arg0 to arg5, str0 to str5",
			       count ? "," : "");
	probe_list_fail(list, index, why);
}

static void describe_by_number(struct probe_list *list, size_t index)
{
	struct probe *probe = &list->probes[index];
	const char *what;

	if (probe->spec->with_arguments &&
	    !user_arguments_by_number(probe->spec, &probe->fields, &what))
		probe_list_fail(list, index, what);
}

static void describe_by_type(struct probe_list *list, size_t index,
			     const struct debug_argument *all, size_t count)
{
	struct probe *probe = &list->probes[index];

	probe->result = result_of(&all[0]);
	probe->prototype = prototype_of(all, count);
	if (probe->spec->with_arguments &&
	    !user_arguments_by_type(probe->spec, all + 1, count - 1, &probe->fields))
		fail_unknown_argument(list, index, all + 1, count - 1);
}

/* An address inside of a function has registers, but no arguments any more. */
static bool is_start_of_function(const struct probe *probe)
{
	return !probe->failure && probe->spec->offset == 0 &&
	       (probe->spec->with_arguments || probe->spec->form == PROBE_URETPROBE);
}

static void describe_all(struct probe_list *list, size_t first, const struct debug_arguments *found)
{
	uint32_t function = 0;
	size_t at = 0;

	for (size_t i = first; i < list->count; i++) {
		size_t begin = at;

		if (!is_start_of_function(&list->probes[i])) {
			if (!list->probes[i].failure)
				describe_by_number(list, i);
			continue;
		}
		while (at < found->count && found->arguments[at].function_index == function)
			at++;
		function++;
		if (at > begin && found->arguments[begin].place == DEBUG_ARGUMENT_RESULT)
			describe_by_type(list, i, &found->arguments[begin], at - begin);
		else
			describe_by_number(list, i);
	}
}

static void find_types(const struct probe_list *list, size_t first, const char *path, int fd,
		       struct debug_arguments *ret_found)
{
	uint64_t *addresses = calloc(list->count - first + 1, sizeof(*addresses));
	enum symbols_status status = SYMBOLS_NO_MEMORY;
	struct described files;
	size_t count = 0;

	for (size_t i = first; addresses && i < list->count; i++) {
		if (is_start_of_function(&list->probes[i]))
			addresses[count++] = list->probes[i].address;
	}
	files = count ? open_described(fd)
		      : (struct described){NO_DEBUG_FILE, NO_DEBUG_FILE, false};
	if (addresses && files.debug_fd >= 0)
		status = debug_arguments_find(files.debug_fd, files.alternate_fd, addresses, count,
					      ret_found);
	close_described(&files);
	free(addresses);
	if (files.debug_fd >= 0 && status != SYMBOLS_OK)
		message("warning: %s: cannot read debug information: %s: arguments by number", path,
			status == SYMBOLS_TIMEOUT   ? "it takes too long"
			: status == SYMBOLS_CORRUPT ? "damaged"
			: status == SYMBOLS_LIMIT   ? "too large"
						    : "an error of the system");
}

void user_types_describe(struct probe_list *list, size_t first, const char *path, int fd)
{
	struct debug_arguments found = {.count = 0};

	find_types(list, first, path, fd, &found);
	describe_all(list, first, &found);
	debug_arguments_release(&found);
}
