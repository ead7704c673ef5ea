/* record/kernel/trace_targets.h - the tracepoints and iterators that BPF programs are attached to
 *
 * The kernel takes each by the ID of its type. libbpf reads all types of the kernel for that, and
 * searches them for each program. Here all are found in one pass over the types that are open
 * already.
 */
#ifndef RECORD_KERNEL_TRACE_TARGETS_H
#define RECORD_KERNEL_TRACE_TARGETS_H

#include <stdbool.h>

struct bpf_link;
struct bpf_object;
struct bpf_program;
struct type_table;

/* Has libbpf ask here for the programs of sections "tp_btf/..." and "iter/...". Call before an
 * object with them is opened. Can be called again. Returns false and sets errno on failure. */
bool trace_targets_register(void);

/* Finds the targets of those programs of an object that are loaded automatically. They are those
 * of the object that is loaded next. Returns false on allocation failure. */
bool trace_targets_find(const struct bpf_object *object, const struct type_table *kernel);

/* Returns the name of a target that the kernel lacks; NULL: it has all that were looked for. */
const char *trace_targets_missing(void);

/* Frees what was found. */
void trace_targets_release(void);

/* Attaches a program as bpf_program__attach() does, which cannot attach those of the sections
 * "tp_btf/...". */
struct bpf_link *trace_targets_attach(const struct bpf_program *program);

#endif
