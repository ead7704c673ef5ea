/* record/convert/translator.h - records of the kernel side to rows of a file */
#ifndef RECORD_CONVERT_TRANSLATOR_H
#define RECORD_CONVERT_TRANSLATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/output/size_limit.h"
#include "record/probes/probe_list.h"
#include "record/stacks/user_stacks.h"
#include "symbols/kallsyms.h"
#include <dz/status.h>
#include <dz/writer.h>

struct translator;

/* Borrows the table of symbols, and the user stacks, which may be NULL. NULL without memory. */
struct translator *translator_new(const struct kallsyms *symbols, struct user_stacks *user_stacks);

/* What hits of probes are of; borrowed. False without memory. */
bool translator_use_probes(struct translator *translator, const struct probe_list *probes);

/* From now on tasks have their command lines. False without memory. */
bool translator_use_command_lines(struct translator *translator);

/* Events that it does not admit are left out; borrowed. Without it all are admitted. */
void translator_use_limit(struct translator *translator, struct size_limit *limit);

/* From now on rows go to this file; the writer is borrowed. */
void translator_use(struct translator *translator, struct dz_writer *writer);

/*
 * Adds the rows that a record of a ring stands for. A record that is not sound is counted and left
 * out. Errors are those of the writer.
 */
DZ_MUST_CHECK enum dz_status translator_add(struct translator *translator, const void *record,
					    size_t size);

/* For those who translate records of their own (section_rows.h), in the writer's current
 * generation: the writer, a task without ancestors, and a kernel stack of `count` unaligned
 * addresses. */
struct dz_writer *translator_writer(const struct translator *translator);
uint32_t translator_task(struct translator *translator, const struct event_task *task);
uint32_t translator_kernel_stack(struct translator *translator, const void *addresses,
				 size_t count);

/* Whether there is room for such a row, see size_limit_admits(); to be asked before anything is
 * made for it. */
bool translator_admits(const struct translator *translator, enum dz_kind kind, uint64_t time_ns);

/* How many records were not sound; 0 unless kernel side and user side disagree. */
uint64_t translator_invalid_count(const struct translator *translator);

/* What was borrowed stays the caller's. NULL is allowed. */
void translator_free(struct translator *translator);

#endif
