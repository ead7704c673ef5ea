/* record/convert/translator.h - records of BPF programs to rows of a file */
#ifndef RECORD_CONVERT_TRANSLATOR_H
#define RECORD_CONVERT_TRANSLATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/output/size_limit.h"
#include "record/probes/probe_list.h"
#include "record/stacks/kernel_symbols.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>
#include <dz/writer.h>

struct translator;

/* Borrows both; user_stacks may be NULL. Returns NULL on allocation failure. */
struct translator *translator_new(struct kernel_symbols *symbols, struct user_stacks *user_stacks);

/* Sets the probes that hits belong to; borrowed. Returns false on allocation failure. */
bool translator_use_probes(struct translator *translator, const struct probe_list *probes);

/* Adds command lines to tasks from now on, which a helper process reads. Borrows the reader.
 * Returns false on allocation failure. */
bool translator_use_command_lines(struct translator *translator, struct file_reader *reader);

/* Requests what the rows of a record need from /proc, without a wait. Returns what
 * translator_is_ready() is called with. */
uint64_t translator_expect(struct translator *translator, const void *record, size_t size);

/* The same for a task. */
uint64_t translator_expect_task(struct translator *translator, const struct event_task *task);

/* Whether what was requested up to then has come. Nothing is lost but command lines if a record is
 * added before. */
bool translator_is_ready(const struct translator *translator, uint64_t expected);

/* Events that the limit does not admit are skipped; borrowed. Without a limit all are admitted. */
void translator_use_limit(struct translator *translator, struct size_limit *limit);

/* Sets a function that sees each record of an exit and of the out-of-memory killer that becomes a
 * row, with the path of the control group of its process (of the victim; NULL: unknown). */
typedef void (*translator_watch)(void *context, const struct event_header *record,
				 const char *cgroup);
void translator_set_watch(struct translator *translator, translator_watch watch, void *context);

/* Returns the path of the control group of a task; NULL if it is unknown. It is valid until the
 * next record. */
const char *translator_cgroup(const struct translator *translator, const struct event_task *task);

/* Directs rows to this writer from now on; borrowed. */
void translator_use(struct translator *translator, struct dz_writer *writer);

/* Adds the rows of one record of a ring, or keeps the record for later rows (routes ROW and LEARN
 * of bpf/event_kinds.h). A record that breaks the protocol is counted and skipped. Returns the
 * errors of the writer, and DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status translator_add(struct translator *translator, const void *record,
					    size_t size);

/* For other translators (section_rows.h), in the writer's current generation: the writer, the
 * reference of a task without ancestors, that of one of which little is known, and that of a kernel
 * stack of `count` unaligned addresses.
 */
struct dz_writer *translator_writer(const struct translator *translator);
uint32_t translator_task(struct translator *translator, const struct event_task *task);
uint32_t translator_peer(struct translator *translator, const struct event_peer *peer);
uint32_t translator_kernel_stack(struct translator *translator, const void *addresses,
				 size_t count);

/* Whether the limit admits such a row; see size_limit_admits(). Call before interning anything for
 * it. */
bool translator_admits(const struct translator *translator, enum dz_kind kind, uint64_t time_ns);

/* Returns the number of records that broke the protocol. It is 0 unless the BPF programs and user
 * space disagree. */
uint64_t translator_invalid_count(const struct translator *translator);

/* NULL is allowed. Does not free what was borrowed. */
void translator_free(struct translator *translator);

#endif
