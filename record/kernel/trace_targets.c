/* record/kernel/trace_targets.c - the tracepoints and iterators that BPF programs are attached to
 */
#include "record/kernel/trace_targets.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/kernel/type_table.h"

/* Sections of programs, and the type of their target. */
static const struct form {
	const char *handler; /* as libbpf names all such sections */
	const char *section;
	const char *prefix; /* of the name of the type */
	uint32_t kind;      /* of the type */
	enum bpf_attach_type attach_type;
} forms[] = {
	{"tp_btf+", "tp_btf/", "btf_trace_", BTF_KIND_TYPEDEF, BPF_TRACE_RAW_TP},
	{"iter+", "iter/", "bpf_iter_", BTF_KIND_FUNC, BPF_TRACE_ITER},
};

#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

struct target {
	const struct form *form;
	const char *name; /* without the prefix; of the program's section */
	uint32_t id;      /* of its type; 0: the kernel has none */
};

static struct {
	struct target *targets;
	size_t count;
	size_t capacity;
} found;

static bool is_registered;

/* Returns NULL for programs of other sections. */
static const struct form *form_of(const struct bpf_program *program, const char **ret_name)
{
	const char *section = bpf_program__section_name(program);

	for (size_t i = 0; i < FORM_COUNT; i++) {
		const size_t length = strlen(forms[i].section);

		if (strncmp(section, forms[i].section, length) == 0) {
			*ret_name = section + length;
			return &forms[i];
		}
	}
	return NULL;
}

static uint32_t id_of(const struct bpf_program *program)
{
	const char *name;
	const struct form *form = form_of(program, &name);

	for (size_t i = 0; form && i < found.count; i++) {
		if (found.targets[i].form == form && strcmp(found.targets[i].name, name) == 0)
			return found.targets[i].id;
	}
	return 0;
}

const char *trace_targets_missing(void)
{
	for (size_t i = 0; i < found.count; i++) {
		if (!found.targets[i].id)
			return found.targets[i].name;
	}
	return NULL;
}

/* While the program has this type, libbpf reads no types of the kernel for it. */
#define TYPE_UNTIL_LOAD BPF_PROG_TYPE_RAW_TRACEPOINT

static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *options,
			long cookie)
{
	(void)cookie;
	options->attach_btf_id = id_of(program);
	if (!options->attach_btf_id)
		return -ESRCH;
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

bool trace_targets_register(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare_load);

	for (size_t i = 0; i < FORM_COUNT && !is_registered; i++) {
		const int handler = libbpf_register_prog_handler(forms[i].handler, TYPE_UNTIL_LOAD,
								 forms[i].attach_type, &options);

		if (handler < 0) {
			errno = -handler;
			return false;
		}
	}
	is_registered = true;
	return true;
}

static bool add_target(const struct bpf_program *program)
{
	struct target target = {.id = 0};
	struct target *grown;

	target.form = form_of(program, &target.name);
	if (!target.form || !bpf_program__autoload(program))
		return true;
	grown = array_grow(found.targets, &found.capacity, found.count + 1, sizeof(*grown),
			   ARRAY_NO_LIMIT);
	if (!grown)
		return false;
	found.targets = grown;
	grown[found.count++] = target;
	return true;
}

static void note_type(const char *name, uint32_t id, const struct form *form)
{
	const size_t length = strlen(form->prefix);

	if (strncmp(name, form->prefix, length) != 0)
		return;
	for (size_t i = 0; i < found.count; i++) {
		struct target *target = &found.targets[i];

		if (target->form == form && strcmp(target->name, name + length) == 0 && !target->id)
			target->id = id;
	}
}

bool trace_targets_find(const struct bpf_object *object, const struct type_table *kernel)
{
	struct bpf_program *program;

	found.count = 0;
	bpf_object__for_each_program(program, object)
	{
		if (!add_target(program))
			return false;
	}
	for (uint32_t id = 1; id < kernel->count; id++) {
		const struct btf_type *type = type_table_get(kernel, id);

		for (size_t i = 0; i < FORM_COUNT; i++) {
			if (btf_kind(type) == forms[i].kind)
				note_type(type_table_name(kernel, type->name_off), id, &forms[i]);
		}
	}
	return true;
}

void trace_targets_release(void)
{
	free(found.targets);
	found.targets = NULL;
	found.count = found.capacity = 0;
}

struct bpf_link *trace_targets_attach(const struct bpf_program *program)
{
	const char *name;
	const struct form *form = form_of(program, &name);

	if (form && form->attach_type == BPF_TRACE_RAW_TP)
		return bpf_program__attach_trace(program);
	return bpf_program__attach(program);
}
