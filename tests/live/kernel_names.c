/* tests/live/kernel_names.c - compares the two sources of names of kernel functions
 *
 * Prints how many addresses were compared, and each that differs. Ends with 1 if some do, and with
 * 2 if the program cannot be loaded.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "diag.skel.h"
#include "record/stacks/kernel_symbols.h"

#define LIST        "/proc/kallsyms"
#define KERNEL_MOST 1500u /* functions of the kernel itself, spread over the list */
#define MODULE_MOST 500u  /* of modules and of BPF programs together */
#define NEAR_BYTES  4096u
#define SHOWN_MOST  20u

struct comparison {
	struct kallsyms list;
	struct kernel_symbols *asked;
	size_t compared;
	size_t different;
};

static struct diag_bpf *load(void)
{
	struct diag_bpf *skeleton = diag_bpf__open();
	struct bpf_program *program;
	struct bpf_map *map;

	if (!skeleton)
		return NULL;
	bpf_object__for_each_program(program, skeleton->obj)
	{
		const bool is_asked = program == skeleton->progs.print_kernel_symbol;

		(void)bpf_program__set_autoload(program, is_asked);
	}
	bpf_object__for_each_map(map, skeleton->obj)
	{
		if (!bpf_map__is_internal(map) && map != skeleton->maps.symbol_questions)
			(void)bpf_map__set_autocreate(map, false);
	}
	if (diag_bpf__load(skeleton) == 0)
		return skeleton;
	diag_bpf__destroy(skeleton);
	return NULL;
}

static int open_iterator(struct diag_bpf *skeleton)
{
	union bpf_iter_link_info map = {
		.map.map_fd = (__u32)bpf_map__fd(skeleton->maps.symbol_questions)};
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &map, .link_info_len = sizeof(map));
	struct bpf_link *link =
		bpf_program__attach_iter(skeleton->progs.print_kernel_symbol, &options);
	const int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;

	bpf_link__destroy(link);
	return fd;
}

static void print_side(const char *who, bool is_found, const struct kernel_symbol *symbol)
{
	if (is_found)
		printf(" %s: %s+%#llx %s", who, symbol->name,
		       (unsigned long long)symbol->offset_bytes, symbol->module);
	else
		printf(" %s: none", who);
}

/* The list also names code that the kernel makes for function tracing and kprobes, which the kernel
 * prints as a number. */
static bool is_in_list(const struct kallsyms *list, uint64_t address, struct kernel_symbol *out)
{
	return kallsyms_find(list, address, out) &&
	       strncmp(out->module, "__builtin__", strlen("__builtin__")) != 0;
}

static void compare(struct comparison *comparison, uint64_t address)
{
	struct kernel_symbol listed, asked;
	const bool is_listed = is_in_list(&comparison->list, address, &listed);
	const bool is_asked = kernel_symbols_find(comparison->asked, address, &asked);

	/* Marks of sections of the kernel: there is no code before them, and at the second one
	 * begins a function, whose name the list has. */
	if (is_asked &&
	    (strcmp(asked.name, "_sinittext") == 0 || strcmp(asked.name, "_stext") == 0))
		return;
	/* The list does not have the size of a function: an address far behind one can be in none,
	 * and so can one behind a BPF program, of which several share a page. */
	if (!is_asked && is_listed &&
	    (listed.offset_bytes >= NEAR_BYTES || strcmp(listed.module, "bpf") == 0))
		return;
	comparison->compared++;
	if (is_listed == is_asked && (!is_listed || (strcmp(listed.name, asked.name) == 0 &&
						     strcmp(listed.module, asked.module) == 0 &&
						     listed.offset_bytes == asked.offset_bytes)))
		return;
	if (comparison->different++ >= SHOWN_MOST)
		return;
	printf("different:");
	print_side("list", is_listed, &listed);
	print_side("program", is_asked, &asked);
	printf("\n");
}

/* Compares each function of the kernel, or each other one, as often as `most` allows: its first
 * byte, the one behind it, and the one before it. */
static void compare_some(struct comparison *comparison, bool is_kernel, size_t most)
{
	const struct kallsyms *list = &comparison->list;
	size_t count = 0, seen = 0, step;

	for (size_t i = 0; i < list->count; i++)
		count += (list->entries[i].module == 0) == is_kernel;
	step = count / most + 1;
	for (size_t i = 0; i < list->count; i++) {
		if ((list->entries[i].module == 0) != is_kernel || seen++ % step != 0)
			continue;
		compare(comparison, list->entries[i].address);
		compare(comparison, list->entries[i].address + 1);
		compare(comparison, list->entries[i].address - 1);
	}
}

/* The list is read after the program is loaded, which is in it. */
static bool read_list(struct kallsyms *ret_list)
{
	const int fd = open(LIST, O_RDONLY | O_CLOEXEC);
	const bool is_read = fd >= 0 && kallsyms_read(fd, ret_list) == SYMBOLS_OK;

	if (fd >= 0)
		(void)close(fd);
	return is_read;
}

int main(void)
{
	struct comparison comparison = {.compared = 0};
	struct diag_bpf *skeleton = load();
	struct symbol_source source = {.is_verbose = true};

	if (!skeleton)
		return 2;
	source.fd = open_iterator(skeleton);
	source.address = &skeleton->bss->symbol_address;
	if (source.fd < 0 || !read_list(&comparison.list) ||
	    kernel_symbols_open(LIST, &source, &comparison.asked) != SYMBOLS_OK ||
	    !comparison.asked)
		return 2;
	compare_some(&comparison, true, KERNEL_MOST);
	compare_some(&comparison, false, MODULE_MOST);
	printf("%zu compared, %zu differ\n", comparison.compared, comparison.different);
	/* Otherwise the answers were those of the list. */
	if (kernel_symbols_table(comparison.asked)->count > 0) {
		printf("the answers ended\n");
		comparison.different++;
	}
	kernel_symbols_free(comparison.asked);
	kallsyms_release(&comparison.list);
	diag_bpf__destroy(skeleton);
	return comparison.different > 0;
}
